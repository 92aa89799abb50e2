"""Single events out of the columns of a batch."""

import ctypes
import struct
from collections.abc import Callable
from functools import cache

from native.library import short_function
from schemas.events import ChatMessage, UserEvent

_MESSAGE = struct.Struct("=7q8i")
_USER_EVENT = struct.Struct("=8q5i")


def packed(name: str, columns: object, row: int) -> bytes:
    """A row as `pack_message` or `pack_user_event` writes it.

    Raises:
        IndexError: There is no such row.
    """
    pack = _function(name)
    at = ctypes.addressof(columns)  # type: ignore[arg-type]  # a structure of ctypes
    size = pack(at, row, None, 0)
    if not size:
        raise IndexError(row)
    room = ctypes.create_string_buffer(size)
    pack(at, row, room, size)
    return room.raw


def message_of(data: bytes) -> ChatMessage:
    """The message that `pack_message` wrote."""
    numbers = _MESSAGE.unpack_from(data)
    offset, created_at, recorded_at, event_time, file_size, content_type, message_type = numbers[:7]
    texts = _texts(data, _MESSAGE.size, numbers[7:])
    event_type, message_id, conversation_id, from_user, to_user, group_id, content, name = texts
    return ChatMessage(
        offset,
        event_type,
        created_at,
        recorded_at,
        event_time,
        message_id,
        conversation_id,
        from_user or None,
        to_user or None,
        group_id or None,
        content,
        content_type,
        message_type,
        name or None,
        file_size or None,
    )


def user_event_of(data: bytes) -> UserEvent:
    """The user event that `pack_user_event` wrote."""
    numbers = _USER_EVENT.unpack_from(data)
    offset, created_at, recorded_at, event_time, worker_id, connection_time, *more = numbers
    has_worker_id, has_connection_time, *sizes = more
    event_type, user_id, session_id, client_ip, group_id = _texts(data, _USER_EVENT.size, sizes)
    return UserEvent(
        offset,
        event_type,
        created_at,
        recorded_at,
        event_time,
        user_id,
        session_id or None,
        worker_id if has_worker_id else None,
        connection_time if has_connection_time else None,
        client_ip or None,
        group_id or None,
    )


def _texts(data: bytes, begin: int, sizes: "list[int] | tuple[int, ...]") -> list[str]:
    found = []
    for size in sizes:
        end = begin + size
        found.append(data[begin:end].decode())
        begin = end
    return found


@cache
def _function(name: str) -> Callable[..., int]:
    arguments = (ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)
    return short_function(name, ctypes.c_int64, *arguments)
