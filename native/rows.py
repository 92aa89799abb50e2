"""Single events out of the columns of a batch."""

import ctypes
import struct
from collections.abc import Callable

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
    offset, created_at, recorded_at, event_time, worker_id, connection_time = numbers[:6]
    has_worker_id, has_connection_time, a, b, c, d, _ = numbers[6:]
    text = data[_USER_EVENT.size :].decode()
    if len(text) + _USER_EVENT.size == len(data):  # as in `_texts`, without its loop
        b += a
        c += b
        d += c
        texts = [text[:a], text[a:b], text[b:c], text[c:d], text[d:]]
    else:
        texts = _texts(data, _USER_EVENT.size, numbers[8:])
    event_type, user_id, session_id, client_ip, group_id = texts
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


def _texts(data: bytes, begin: int, sizes: tuple[int, ...]) -> list[str]:
    text, end, found = data[begin:].decode(), 0, []
    if len(text) + begin == len(data):  # ASCII: bytes are characters
        for size in sizes:
            found.append(text[end : end + size] if size else "")
            end += size
        return found
    for size in sizes:
        found.append(data[begin : begin + size].decode())
        begin += size
    return found


def _function(name: str) -> Callable[..., int]:
    arguments = (ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)
    return short_function(name, ctypes.c_int64, *arguments)
