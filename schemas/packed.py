"""Python values put into memory as columns stand there, for what is read in C."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, islice
from typing import Any

from schemas.columns import Numbers, Texts

PackedRows = Iterable[tuple[Texts, Texts | Numbers]]
"""Rows of two columns, part by part; texts may be any bytes where they are not read as texts."""

_TOGETHER = 10_000
"""Rows of one part: no column of them comes near 2 GiB."""


def packed_rows(rows: Iterable[tuple[str, bytes | int]]) -> Iterator[tuple[Texts, Texts | Numbers]]:
    """The same rows; of the second column all are bytes, or all are numbers."""
    left = iter(rows)
    while part := list(islice(left, _TOGETHER)):
        keys, values = zip(*part, strict=True)
        yield _texts([key.encode() for key in keys]), _values(values)


def rows_in(parts: PackedRows) -> Iterator[tuple[Any, Any]]:
    """The rows as Python has them: a text, and a text or a number; states are no texts."""
    return chain.from_iterable(zip(keys, values, strict=True) for keys, values in parts)


def _values(values: Sequence[Any]) -> Texts | Numbers:
    if isinstance(values[0], bytes):
        return _texts(values)
    numbers = array("q", values)
    return Numbers(numbers, numbers.buffer_info()[0], len(numbers), 8)


def _texts(values: Sequence[bytes]) -> Texts:
    ends = array("i", accumulate(map(len, values), initial=0))
    texts = array("B", b"".join(values))
    at = ends.buffer_info()[0], texts.buffer_info()[0]
    return Texts((ends, texts), *at, len(values), may_be_missing=False)
