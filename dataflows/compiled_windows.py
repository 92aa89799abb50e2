"""What `dataflows/windows.py` does, in C: a batch with one call, and rows without a Python object.

Events of a batch in C are counted where they stand.
"""

import ctypes
from array import array
from collections.abc import Callable, Iterator, Sequence
from ctypes import POINTER, c_char_p, c_int, c_int64, c_void_p
from enum import IntEnum
from typing import Any, NamedTuple

from dataflows.windows import Windows, weight
from native.columns import CMessages, CTexts, MessageColumns
from native.given import CountedColumns
from native.library import function, library
from schemas.columns import Numbers, Texts
from schemas.events import ChatMessage
from schemas.repeated import Repeated
from schemas.rows import Rows
from schemas.tables import MESSAGE_STATS
from sinks.epoch import WINDOW, WindowKey
from sinks.memory import WindowState

_NUMBERS = ("window_start", "window_end", "messages", "senders", "bytes")
_TEXTS = ("event_type", "group_id")


class _CRows(ctypes.Structure):
    """`window_rows` of windows.h."""

    _fields_ = (
        ("count", c_int64),
        ("room", c_int64),
        *((name, c_void_p) for name in (*_NUMBERS, "content_type")),
        *((name, CTexts) for name in _TEXTS),
    )


class _List(IntEnum):
    """Of windows.h."""

    OPEN = 0
    CLOSED = 1
    LATE = 2


class _Calls(NamedTuple):
    """Functions of windows.h."""

    new: Callable[..., int]
    free: Callable[..., None]
    add: Callable[..., int]
    restore: Callable[..., int]
    close: Callable[..., int]
    take: Callable[..., Any]
    rows_free: Callable[..., None]

    @classmethod
    def of_library(cls) -> "_Calls":
        rows = POINTER(_CRows)
        texts = (c_int64, c_void_p, c_char_p, c_int64)
        return cls(
            function("windows_new", c_void_p, c_int64, c_int, c_int64),
            function("windows_free", None, c_void_p),
            function("windows_add", c_int64, c_void_p, POINTER(CMessages), c_int64),
            function("windows_restore", c_int, c_void_p, c_void_p, *texts),
            function("windows_close", c_int64, c_void_p, c_int64),
            function("windows_take", rows, c_void_p, c_int),
            function("window_rows_free", None, rows),
        )


class _Taken:
    """Owns rows that C made; its columns hold on to it."""

    def __init__(self, rows: Any, free: Callable[..., None]) -> None:
        self._rows = rows
        self._free = free
        self._struct = rows.contents
        self.count: int = self._struct.count

    def column(self, name: str) -> Sequence[Any]:
        at = getattr(self._struct, name)
        if name in _TEXTS:
            return Texts(self, at.ends, at.bytes, self.count, False)
        return Numbers(self, at, self.count, 4 if name == "content_type" else 8)

    def __del__(self) -> None:
        self._free(self._rows)


class CompiledWindows:
    """The open windows of one shard, in memory of the library; see `Windows`."""

    def __init__(self, length: int, closed_until: int | None) -> None:
        assert length > 0, "else no message has a window"
        self._calls = _Calls.of_library()
        self._at = self._calls.new(length, closed_until is not None, closed_until or 0)
        self.late = 0
        """Messages that came when their window was closed."""

    def __del__(self) -> None:
        self._calls.free(self._at)

    def restore(self, state: WindowState) -> None:
        """Go on with a row that was open at the last commit, and was not restored before."""
        numbers = (state.window_start, state.content_type, state.messages, state.bytes)
        named = (state.event_type, state.group_id, *state.senders)
        texts = [text.encode() for text in named]
        sizes, data = array("q", map(len, texts)), b"".join(texts)
        at, size_at = array("q", numbers), sizes.buffer_info()[0]
        found = self._calls.restore(
            self._at, at.buffer_info()[0], len(texts), size_at, data, len(data)
        )
        assert found, "the sizes are those of the texts"

    def add(self, messages: Sequence[ChatMessage], mark: int = 0) -> set[WindowKey]:
        """Count messages; returns the closed windows for which some of them are late.

        Those at offsets below `mark` are skipped: what they did is durable.
        """
        given: MessageColumns | CountedColumns
        if isinstance(messages, MessageColumns):
            given = messages
        else:
            given = CountedColumns(messages, list(map(weight, messages)))
        late = self._calls.add(self._at, given.struct, mark)
        if not late:
            return set()
        self.late += late
        return {WindowKey(*key) for key in self._late_keys()}

    def _late_keys(self) -> Iterator[tuple[Any, ...]]:
        for found in self._taken(_List.LATE):
            yield from zip(*map(found.column, WINDOW.names), strict=True)

    def close(self, until: int) -> list[Rows]:
        """Close the windows that end at or before `until`; their rows, oldest first."""
        return self._rows(_List.CLOSED) if self._calls.close(self._at, until) else []

    def changed(self) -> list[Rows]:
        """The rows of open windows that changed since the last call."""
        return self._rows(_List.OPEN)

    def _rows(self, which: _List) -> list[Rows]:
        return [_rows(found, closed=which is _List.CLOSED) for found in self._taken(which)]

    def _taken(self, which: _List) -> Iterator[_Taken]:
        """More than one only where texts are more than a column holds."""
        while found := self._calls.take(self._at, which):
            yield _Taken(found, self._calls.rows_free)


def windows_of(length: int, closed_until: int | None, shards: int) -> Windows | CompiledWindows:
    """Windows in C, where the library was built and batches come to this one shard whole."""
    if shards == 1 and library() is not None:
        return CompiledWindows(length, closed_until)
    return Windows(length, closed_until)


def _rows(found: _Taken, *, closed: bool) -> Rows:
    constant = {"closed": closed, "revision": 0}
    columns: list[Sequence[Any]] = [
        Repeated([constant[name]], [found.count]) if name in constant else found.column(name)
        for name in MESSAGE_STATS.names
    ]
    return Rows(MESSAGE_STATS, columns)
