"""Rows as the bytes of a binary COPY; made without a server, wherever the rows are.

The format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format". psycopg's own
writer fills it in C, several times as fast as Python can.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import Connection, Copy, Cursor
from psycopg.copy import FileWriter
from psycopg.pq import PGconn

from schemas.rows import Rows, Type

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"

_TYPES = {
    Type.TEXT: "text",
    Type.INTEGER: "int4",
    Type.BIGINT: "int8",
    Type.BOOLEAN: "bool",
    Type.BYTES: "bytea",
    # An instant is eight bytes of microseconds, so no datetime is ever made of it.
    Type.INSTANT: "int8",
}
_ZERO = 946_684_800_000
"""Milliseconds from 1970 to 2000, where Postgres begins to count."""


def encode(rows: Rows) -> bytes:
    """The rows between `HEADER` and `TRAILER` of a COPY of their table; parts may follow another.

    Raises:
        psycopg.DataError: A text holds NUL.
    """
    out = io.BytesIO()
    # A cursor that never had a server: it only knows how values are written.
    cursor = Cursor(Connection(PGconn()))
    with Copy(cursor, binary=True, writer=FileWriter(out)) as copy:
        copy.set_types([_TYPES[kind] for _, kind in rows.table.columns])
        for row in zip(*_columns(rows), strict=True):
            copy.write_row(row)
    return out.getvalue()[len(HEADER) : -len(TRAILER)]


def _columns(rows: Rows) -> Iterator[Sequence[Any]]:
    for values, (_, kind) in zip(rows.columns, rows.table.columns, strict=True):
        yield _microseconds(values) if kind is Type.INSTANT else values


def _microseconds(values: Sequence[int | None]) -> Sequence[int | None]:
    return [None if value is None else (value - _ZERO) * 1000 for value in values]
