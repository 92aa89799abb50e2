"""Columns of Python values as Arrow tables: the fastest way into DuckDB."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from schemas.repeated import Repeated
from schemas.rows import Rows, Type

_TYPES = {
    Type.TEXT: pa.string(),
    Type.INTEGER: pa.int32(),
    Type.BIGINT: pa.int64(),
    Type.BOOLEAN: pa.bool_(),
    Type.BYTES: pa.binary(),
    Type.INSTANT: pa.timestamp("ms", "UTC"),
}


def arrow_table(rows: Rows) -> pa.Table:
    """Convert; the types come from the table's definition, never from the values."""
    places: dict[int, pa.Array[Any]] = {}
    arrays = []
    for values, (_, kind) in zip(rows.columns, rows.table.columns, strict=True):
        if not isinstance(values, Repeated):
            arrays.append(_array(values, kind))
        elif len(values.values) == 1:
            arrays.append(pa.repeat(_array(values.values, kind)[0], values.counts[0]))
        else:
            # Columns that repeat in the same way share the list that says how.
            key = id(values.counts)
            if key not in places:
                places[key] = pa.array(values.places(), type=pa.int32())
            arrays.append(_array(values.values, kind).take(places[key]))
    return pa.table(arrays, names=list(rows.table.names))


def _array(values: Sequence[object], kind: Type) -> "pa.Array[Any]":
    if kind is Type.INSTANT:
        # Read as integers and relabelled, which is cheaper than a conversion.
        return pa.array(values, type=pa.int64()).view(_TYPES[kind])
    return pa.array(values, type=_TYPES[kind])
