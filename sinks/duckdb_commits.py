"""How many epochs a DuckDB file has committed: by this number it is known again."""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from schemas.rows import Rows
from schemas.tables import FLOW_STATE
from sinks import duckdb_sql as sql
from sinks.lease import StoreError

STEP = "store"
"""Under this name the number is kept."""
_COMMITS = "commits"


def commits_in(states: Iterable[tuple[str, bytes]]) -> int:
    """The number that the last commit left among the states of `STEP`; 0 before the first."""
    found = dict(states).get(_COMMITS)
    return int(found) if found else 0


def commit_row(number: int) -> Rows:
    """What the commit of this number leaves behind."""
    return Rows.of(FLOW_STATE, [(STEP, _COMMITS, str(number).encode())])


def refuse_other_file(connection: duckdb.DuckDBPyConnection, path: Path, commits: int) -> None:
    """Stop when the file is not the one of the last commit: what it lacks would stay lost.

    Args:
        connection: The file as it is now; closed when it is refused.
        path: Its name.
        commits: How many it had then.

    Raises:
        StoreError: It was removed or replaced meanwhile.
    """
    try:
        if commits_in(connection.execute(sql.STATES, [STEP]).fetchall()) == commits:
            return
    except duckdb.CatalogException:
        pass  # an empty file in place of the old one
    connection.close()
    raise StoreError(
        f"the database {path} was removed or replaced while the flow ran. Put it back, or start"
        " again to go on from what the file there knows"
    )
