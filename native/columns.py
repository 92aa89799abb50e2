"""Events of one batch, kept column by column in memory of the compiled library.

`MessageColumns` and `UserEventColumns` read like the lists of events that they stand for; steps
that know them hand their columns on, and no event is ever made.
"""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from typing_extensions import override

from native.library import function
from schemas.columns import LazyList, Numbers, Texts
from schemas.events import ChatMessage, UserEvent

E = TypeVar("E")


class CTexts(ctypes.Structure):
    """`texts` of texts.h."""

    _fields_ = (
        ("ends", ctypes.c_void_p),
        ("bytes", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in ("used", "byte_room", "row_room")),
    )


_MESSAGE_NUMBERS = ("kafka_offset", "created_at", "recorded_at", "event_time", "file_size")
_MESSAGE_TEXTS = (
    *("event_type", "message_id", "conversation_id", "from_user", "to_user", "group_id"),
    *("content", "file_name"),
)
_USER_EVENT_NUMBERS = (
    *("kafka_offset", "created_at", "recorded_at", "event_time", "worker_id", "connection_time"),
)
_USER_EVENT_TEXTS = ("event_type", "user_id", "session_id", "client_ip", "group_id")
_MISSING = frozenset({"from_user", "to_user", "group_id", "file_name", "session_id", "client_ip"})
"""Texts that may be missing; all others are never null."""


def _fields(pointers: Sequence[str], columns: Sequence[str]) -> tuple[tuple[str, Any], ...]:
    return (
        ("count", ctypes.c_int64),
        ("room", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in pointers),
        *((name, CTexts) for name in columns),
    )


class CMessages(ctypes.Structure):
    """`messages` of columns.h."""

    _fields_ = _fields((*_MESSAGE_NUMBERS, "content_type", "message_type"), _MESSAGE_TEXTS)


class CUserEvents(ctypes.Structure):
    """`user_events` of columns.h."""

    _fields_ = _fields(
        (*_USER_EVENT_NUMBERS, "has_worker_id", "has_connection_time"), _USER_EVENT_TEXTS
    )


class CBatch(ctypes.Structure):
    """`batch` of columns.h."""

    _fields_ = (
        ("messages", CMessages),
        ("user_events", CUserEvents),
        ("newest", ctypes.c_int64),
    )


class Batch:
    """Owns a `batch`; it is freed when nothing refers to it any more."""

    def __init__(self, address: int | None = None) -> None:
        """`address` is that of a `batch` whose owner this becomes; without one it is a new one."""
        new = function("batch_new", ctypes.c_void_p)
        self._free: Callable[[int], None] = function("batch_free", None, ctypes.c_void_p)
        self.address: int = new() if address is None else address
        self.struct = CBatch.from_address(self.address)

    def __del__(self) -> None:
        self._free(self.address)


class _Columns(LazyList[E]):
    """Rows of a batch, made into events only when somebody asks for one."""

    def __init__(self, batch: Batch, struct: Any) -> None:
        super().__init__(struct.count)
        self.batch = batch
        self.struct = struct
        """The structure in C, for functions that take a pointer to it."""

    def texts(self, name: str) -> Texts:
        """A column of texts."""
        column: CTexts = getattr(self.struct, name)
        return Texts(self.batch, column.ends, column.bytes, self._count, name in _MISSING)

    def numbers(self, name: str) -> Numbers:
        """A column of integers."""
        size = 4 if name in ("content_type", "message_type") else 8
        has = getattr(self.struct, f"has_{name}", None)
        at = getattr(self.struct, name)
        return Numbers(self.batch, at, self._count, size, has, zero_is_none=name == "file_size")

    def column(self, name: str) -> Texts | Numbers:
        """Any column."""
        is_text = isinstance(getattr(self.struct, name), CTexts)
        return self.texts(name) if is_text else self.numbers(name)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._made() == list(other)

    __hash__ = None  # type: ignore[assignment]  # compares by what it holds


class MessageColumns(_Columns[ChatMessage]):
    """The messages of a batch."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch, batch.struct.messages)

    @override
    def _all(self) -> Iterator[ChatMessage]:
        return map(ChatMessage, *map(self.column, ChatMessage.__struct_fields__))


class UserEventColumns(_Columns[UserEvent]):
    """The user events of a batch."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch, batch.struct.user_events)

    @override
    def _all(self) -> Iterator[UserEvent]:
        return map(UserEvent, *map(self.column, UserEvent.__struct_fields__))
