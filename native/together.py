"""Rows of many batches as the rows of one, put together in C."""

import ctypes
from array import array
from collections.abc import Sequence
from itertools import chain
from typing import Any

from native.columns import CTexts
from native.library import function
from native.owner import Owner
from schemas.columns import Numbers, Texts
from schemas.repeated import Repeated
from schemas.rows import Rows

_MOST_BYTES = 2**30
"""Of rows that are put together: no column of them may pass 2 GiB."""


def can_be_together(rows: Rows) -> bool:
    """Whether these rows are such as are put together here: columns in memory, or one value."""
    return all(
        len(column.values) == 1
        if isinstance(column, Repeated)
        else isinstance(column, Texts) or (isinstance(column, Numbers) and column.has is None)
        for column in rows.columns
    )


def together(parts: Sequence[Rows]) -> list[Rows]:
    """Rows of one table, in their order; more than one only where a column would be too large."""
    if len(parts) == 1:
        return list(parts)
    if sum(map(_size, parts)) > _MOST_BYTES:
        middle = len(parts) // 2
        return [*together(parts[:middle]), *together(parts[middle:])]
    columns = zip(*(part.columns for part in parts), strict=True)
    return [Rows(parts[0].table, [_column(each) for each in columns])]


def _size(rows: Rows) -> int:
    return sum(column.size for column in rows.columns if isinstance(column, Texts))


def _column(parts: Sequence[Any]) -> Sequence[Any]:
    first = parts[0]
    if isinstance(first, Texts):
        return _texts(parts)
    if isinstance(first, Numbers):
        return _numbers(parts)
    return Repeated(
        [*chain.from_iterable(part.values for part in parts)],
        [*chain.from_iterable(part.counts for part in parts)],
    )


def _texts(parts: Sequence[Texts]) -> Texts:
    ends, texts = array("q", [part.ends for part in parts]), array("q", [p.texts for p in parts])
    counts = array("q", map(len, parts))
    at = _function("texts_together", ctypes.c_void_p, 3)(
        *_addresses(ends, texts, counts), len(parts)
    )
    assert at is not None, "the parts are not that large"
    owner = Owner("texts_drop", at)
    found = CTexts.from_address(at)
    return Texts(owner, found.ends, found.bytes, sum(counts), parts[0].may_be_missing)


def _numbers(parts: Sequence[Numbers]) -> Numbers:
    first, numbers = parts[0], array("q", [part.at for part in parts])
    counts = array("q", map(len, parts))
    made = _function("numbers_together", ctypes.c_void_p, 2, 2)
    at = made(*_addresses(numbers, counts), len(parts), first.size)
    owner = Owner("numbers_drop", at)
    return Numbers(owner, at, sum(counts), first.size, zero_is_none=first.zero_is_none)


def _addresses(*arrays: "array[int]") -> list[int]:
    return [each.buffer_info()[0] for each in arrays]


def _function(
    name: str, result: object, pointers: int, numbers: int = 1
) -> "ctypes._NamedFuncPointer":
    return function(name, result, *[ctypes.c_void_p] * pointers, *[ctypes.c_int64] * numbers)
