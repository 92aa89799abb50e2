"""Whether a DuckDB file is the one that this flow wrote before."""

from pathlib import Path

import duckdb

from sinks import duckdb_sql as sql
from sinks.commits import STEP, commits_in
from sinks.lease import StoreError


def refuse_other_file(connection: duckdb.DuckDBPyConnection, path: Path, commits: int) -> None:
    """Stop when the file is not the one of the last commit: what it lacks would stay lost.

    Args:
        connection: The file as it is now.
        path: Its name.
        commits: How many it had then.

    Raises:
        StoreError: It was removed or replaced meanwhile.
    """
    try:
        states = connection.execute(sql.QUESTIONS.states, {"step": STEP}).fetchall()
        if commits_in(states) == commits:
            return
    except duckdb.CatalogException:
        pass  # an empty file in place of the old one
    raise StoreError(
        f"the database {path} was removed or replaced while the flow ran. Put it back, or start"
        " again to go on from what the file there knows"
    )
