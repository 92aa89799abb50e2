"""Columns of Python values as Arrow tables: the fastest way into DuckDB."""

import ctypes
from array import array
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from native.library import function
from schemas.columns import Numbers, Texts
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

_LONG_RUNS = 64
"""Rows a value from which on it is cheaper to write it out than to say for each row where it is."""


def arrow_table(rows: Rows) -> pa.Table:
    """Convert; the types come from the table's definition, never from the values."""
    places: dict[int, pa.Array[Any]] = {}
    arrays = []
    for values, (_, kind) in zip(rows.columns, rows.table.columns, strict=True):
        if not isinstance(values, Repeated):
            arrays.append(_array(values, kind))
        elif len(values.values) == 1:
            arrays.append(pa.repeat(_array(values.values, kind)[0], values.counts[0]))
        elif len(values) > _LONG_RUNS * len(values.counts):
            each = zip(_array(values.values, kind), values.counts, strict=True)
            arrays.append(pa.concat_arrays([pa.repeat(value, count) for value, count in each]))
        else:
            # Columns that repeat in the same way share the list that says how.
            key = id(values.counts)
            if key not in places:
                places[key] = pa.array(values.places(), type=pa.int32())
            arrays.append(_array(values.values, kind).take(places[key]))
    return pa.table(arrays, names=list(rows.table.names))


def _array(values: Sequence[object], kind: Type) -> "pa.Array[Any]":
    if isinstance(values, Texts):
        ends = _taken(values, values.ends, 4 * (len(values) + 1))
        texts = _taken(values, values.texts, values.size)
        bits, missing = _present(values, values.ends, "texts_present", values.may_be_missing)
        return pa.Array.from_buffers(_TYPES[kind], len(values), [bits, ends, texts], missing)
    if isinstance(values, Numbers):
        numbers = _taken(values, values.at, values.size * len(values))
        if values.has is not None:
            bits, missing = _present(values, values.has, "flags_present", may_be_missing=True)
        else:
            bits, missing = _present(values, values.at, "numbers_present", values.zero_is_none)
        return pa.Array.from_buffers(_TYPES[kind], len(values), [bits, numbers], missing)
    if kind is Type.INSTANT:
        # Read as integers and relabelled, which is cheaper than a conversion.
        return pa.array(values, type=pa.int64()).view(_TYPES[kind])
    return pa.array(values, type=_TYPES[kind])


def _taken(values: Texts | Numbers, at: int, size: int) -> pa.Buffer:
    """Memory as it stands, held on to for as long as the buffer is."""
    return pa.foreign_buffer(at, size, values.owner) if size else pa.py_buffer(b"")


def _present(
    values: Texts | Numbers, at: int, counted_by: str, may_be_missing: bool
) -> tuple[pa.Buffer | None, int]:
    """Bits that say which values there are, and how many are missing; no bits where none is."""
    if not may_be_missing:
        return None, 0
    bits = array("B", bytes((len(values) + 7) // 8))
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    count = function(counted_by, number, pointer, number, pointer)
    missing = count(at, len(values), bits.buffer_info()[0])
    return (pa.py_buffer(bits), missing) if missing else (None, 0)
