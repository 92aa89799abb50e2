"""How often each text stands in a column."""

import ctypes
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence

from native.library import short_function
from schemas.columns import Texts

_MOST = 64
"""Different texts up to which each is compared with all others; there are few types of events."""


def tally(column: Sequence[str]) -> Mapping[str, int]:
    """Count; without making the texts, where they stand in memory of the compiled library."""
    if not isinstance(column, Texts):
        return Counter(column)
    rows, counts = array("q", bytes(8 * _MOST)), array("q", bytes(8 * _MOST))
    into = rows.buffer_info()[0], counts.buffer_info()[0]
    kinds = _tally()(column.ends, column.texts, len(column), _MOST, *into)
    if kinds < 0:
        return Counter(column)
    return {column.text(rows[kind]): counts[kind] for kind in range(kinds)}


def _tally() -> "ctypes._NamedFuncPointer":
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    return short_function("texts_tally", number, *[pointer] * 2, *[number] * 2, *[pointer] * 2)
