"""Events of a batch as a single piece of bytes, and back: no event is made on the way.

`native/parcel.h` says what the bytes hold. They are read without the library too, as events.
"""

from collections.abc import Callable, Sequence
from ctypes import addressof, c_char, c_char_p, c_int64, c_void_p

from native.columns import Batch, MessageColumns, UserEventColumns
from native.library import function, library
from schemas import parcel
from schemas.events import ChatMessage, UserEvent


def parcel_of(events: MessageColumns | UserEventColumns) -> bytearray:
    """Events for another process.

    Of a message that is not about a call, `content` is left out, and `file_size` is its weight; no
    message keeps `file_name`.
    """
    name = "parcel_messages" if isinstance(events, MessageColumns) else "parcel_user_events"
    write: Callable[..., int] = function(name, c_int64, c_void_p, c_void_p, c_int64)
    at = addressof(events.struct)
    made = bytearray(write(at, None, 0))
    write(at, addressof((c_char * len(made)).from_buffer(made)), len(made))
    return made


def messages_of(data: bytes) -> Sequence[ChatMessage]:
    """The messages that such bytes hold: in columns, where there is a library.

    Raises:
        ValueError: The bytes were not made by `parcel_of` of messages.
    """
    if library() is None:
        return parcel.messages_of(data)
    return MessageColumns(_batch("messages_of_parcel", data))


def user_events_of(data: bytes) -> Sequence[UserEvent]:
    """The same for user events.

    Raises:
        ValueError: The bytes were not made by `parcel_of` of user events.
    """
    if library() is None:
        return parcel.user_events_of(data)
    return UserEventColumns(_batch("user_events_of_parcel", data))


def _batch(name: str, data: bytes) -> Batch:
    read: Callable[..., int | None] = function(name, c_void_p, c_char_p, c_int64)
    at = read(data, len(data))
    if at is None:
        raise ValueError("these bytes are not the columns of a batch")
    return Batch(at)
