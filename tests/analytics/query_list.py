"""The list of queries in the documents: `python -m tests.analytics.query_list` prints it anew."""

import re
from collections.abc import Mapping

from tests.analytics.databases import FOLDER, QUERIES, DuckDB
from tests.analytics.scenarios import BERLIN, span

HEADING = """\
# Queries

What the tables say about a chat, one file of `analytics` each. The header of a file says when the
query is due, how long a span it is about, and what becomes of the result. Printed by
`python -m tests.analytics.query_list`.

* A span is half-open: what happened at its start counts, what happened at its end does not.
* Days and weeks are those of the time zone that is asked for, and a week begins on Monday. An hour
  is told by the instant at which it begins, so that the one which a clock shows twice is two.
* Messages are dated by the server's stamp (`created_at`), everything else by the instant that its
  table has. Late messages change what an earlier run has found.
* No query returns what people wrote. Who sends most, and where, is personal all the same.
* Who is online at the start of a span is computed back from who is online now, so history may be
  deleted.
"""

_LINE = re.compile(r"-- ([a-z]+): (.*)")
_WORDS = {
    "DATE": "day",
    "TIMESTAMP WITH TIME ZONE": "instant",
    "BIGINT": "whole number",
    "INTEGER": "whole number",
    "DOUBLE": "number",
    "VARCHAR": "text",
}


def header(text: str) -> Mapping[str, str]:
    """The keys of a query's first lines, in order."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            return found
        found[match[1]] = match[2]
    return found


def header_of(name: str) -> Mapping[str, str]:
    """The header of a query of this release."""
    return header((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))


def columns_of(database: DuckDB, name: str) -> list[tuple[str, str]]:
    """The columns of a result and what they hold, in words."""
    found = database.ask(name, span(BERLIN, "2025-10-06", "2025-10-07"))
    return [(column, _WORDS[kind]) for column, kind in found.columns]


def query_list() -> str:
    """Every query: its name, what it is about, what a row is, its columns."""
    database = DuckDB()
    return HEADING + "".join(_section(database, name) for name in QUERIES)


def _section(database: DuckDB, name: str) -> str:
    said = header_of(name)
    columns = ", ".join(f"`{column}` ({word})" for column, word in columns_of(database, name))
    return (
        f"\n## {name}\n\n{said['title']}: every {said['every']}, over {said['span']}.\n\n"
        f"{said['description']}\n\nColumns: {columns}\n"
    )


if __name__ == "__main__":
    print(query_list(), end="")  # noqa: T201 - the result
