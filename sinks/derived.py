"""Columns that follow from others of their row: a DuckDB file derives them when it is read."""

from schemas.rows import Rows, Table
from schemas.tables import MESSAGES

DERIVED = {MESSAGES.name: frozenset({"conversation_id"})}
"""By table; `GENERATED` in `sinks/migrations/duckdb`."""


def as_stored(rows: Rows) -> Rows:
    """The same rows without what is derived of them."""
    derived = DERIVED.get(rows.table.name)
    if derived is None:
        return rows
    places = [place for place, name in enumerate(rows.table.names) if name not in derived]
    return Rows(_stored(rows.table), [rows.columns[place] for place in places], rows.progress)


def _stored(table: Table) -> Table:
    derived = DERIVED[table.name]
    kept = tuple(column for column in table.columns if column[0] not in derived)
    return table._replace(columns=kept)
