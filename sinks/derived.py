"""Columns that follow from others of their row: a DuckDB file derives them when it is read."""

from functools import cache

from schemas.rows import Rows, Table
from schemas.tables import MESSAGES

DERIVED = {MESSAGES.name: frozenset({"conversation_id"})}
"""By table; the rules stand in `sinks/migrations/duckdb`."""


def as_stored(rows: Rows) -> Rows:
    """The same rows without what is derived of them."""
    if rows.table.name not in DERIVED:
        return rows
    table, places = _stored(rows.table)
    return Rows(table, [rows.columns[place] for place in places], rows.progress)


@cache
def _stored(table: Table) -> tuple[Table, list[int]]:
    derived = DERIVED[table.name]
    places = [place for place, name in enumerate(table.names) if name not in derived]
    return table._replace(columns=tuple(table.columns[place] for place in places)), places
