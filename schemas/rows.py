"""Tables and rows, the same for every store: columns in order, their types, what names a row."""

import enum
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from schemas.events import Progress


class Type(enum.Enum):
    """What a column holds, in words both stores have a type for."""

    TEXT = "text"
    INTEGER = "integer"
    BIGINT = "bigint"
    BOOLEAN = "boolean"
    BYTES = "bytes"
    INSTANT = "instant"
    """Milliseconds since 1970 UTC here, `TIMESTAMPTZ` in the store."""


class Table(NamedTuple):
    """A table. With a key, a row replaces the one with the same key; without, rows only add up."""

    name: str
    columns: tuple[tuple[str, Type], ...]
    key: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(name for name, _ in self.columns)


class Rows(msgspec.Struct, frozen=True):
    """Rows for one table, column by column, in the order of `Table.columns`.

    With `progress`, the rows come from the records of one batch: a store drops those below its
    high-water mark, and its mark moves with the transaction that holds the rest.
    """

    table: Table
    columns: Sequence[Sequence[Any]]
    progress: Progress | None = None

    @classmethod
    def of(cls, table: Table, rows: Sequence[Sequence[Any]]) -> "Rows":
        """Turn rows into columns, for the tables that see few of them."""
        return cls(table, tuple(zip(*rows, strict=True)) or ((),) * len(table.columns))

    def __len__(self) -> int:
        return len(self.columns[0])
