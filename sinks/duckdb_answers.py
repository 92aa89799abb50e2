"""Answers of DuckDB: as rows, or as columns that stand in memory."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from schemas.columns import Numbers, Texts

A = TypeVar("A")
Answer = Callable[[duckdb.DuckDBPyConnection, str, Mapping[str, object]], A]
"""How a query is answered: `rows_of` or `table_of`."""

_TOGETHER = 16_384
"""Rows of one part: no column of them comes near 2 GiB."""


def rows_of(
    connection: duckdb.DuckDBPyConnection, statement: str, arguments: Mapping[str, object]
) -> list[Any]:
    """All rows."""
    return connection.execute(statement, arguments).fetchall()


def table_of(
    connection: duckdb.DuckDBPyConnection, statement: str, arguments: Mapping[str, object]
) -> pa.Table:
    """All rows, column by column and in parts."""
    found: pa.Table = connection.sql(statement, params=dict(arguments)).to_arrow_table(_TOGETHER)
    return found


def packed(table: pa.Table) -> Iterator[tuple[Texts, Texts | Numbers]]:
    """The two columns of a table, part by part: texts, and bytes or integers; none is missing."""
    for part in table.to_batches():
        keys, values = part.columns
        yield _texts(keys), _numbers(values) if values.type == pa.int64() else _texts(values)


def _texts(column: "pa.Array[Any]") -> Texts:
    _, ends, texts = column.buffers()
    assert ends is not None, "there are rows"
    at = texts.address if texts is not None else None
    return Texts(column, ends.address + 4 * column.offset, at, len(column), may_be_missing=False)


def _numbers(column: "pa.Array[Any]") -> Numbers:
    _, numbers = column.buffers()
    assert numbers is not None, "there are rows"
    return Numbers(column, numbers.address + 8 * column.offset, len(column), 8)
