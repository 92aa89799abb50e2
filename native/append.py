"""Events that were made in Python, as rows of a batch in C."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from ctypes import c_char_p, c_int64, c_void_p

from native.columns import Batch
from native.library import function
from schemas.events import ChatMessage, UserEvent


def append_message(batch: Batch, event: ChatMessage) -> None:
    """Add a message at the end of those of a batch; its columns must not have been asked for."""
    append_messages(batch, (event,))


def append_user_event(batch: Batch, event: UserEvent) -> None:
    """Add a user event at the end of those of a batch; its columns must not be known yet."""
    append_user_events(batch, (event,))


def append_messages(batch: Batch, events: Sequence[ChatMessage]) -> None:
    """Add messages at the end of those of a batch, in one call.

    An empty text and a file of no bytes become missing ones where those may be.

    Raises:
        OverflowError: A column would pass 2 GiB, or a number does not fit.
    """
    numbers = [number for event in events for number in _message_numbers(event)]
    texts = [text for event in events for text in _message_texts(event)]
    _append("append_messages", batch, len(events), numbers, texts)


def append_user_events(batch: Batch, events: Sequence[UserEvent]) -> None:
    """Add user events at the end of those of a batch, in one call.

    Raises:
        OverflowError: A column would pass 2 GiB, or a number does not fit.
    """
    numbers = [number for event in events for number in _user_event_numbers(event)]
    texts = [text for event in events for text in _user_event_texts(event)]
    _append("append_user_events", batch, len(events), numbers, texts)


def _message_numbers(event: ChatMessage) -> tuple[int, ...]:
    """In the order of append.c, as all of these."""
    return (
        event.kafka_offset,
        event.created_at,
        event.recorded_at,
        event.event_time,
        event.file_size or 0,
        event.content_type,
        event.message_type,
    )


def _message_texts(event: ChatMessage) -> tuple[str | None, ...]:
    return (
        event.event_type,
        event.message_id,
        event.conversation_id,
        event.from_user,
        event.to_user,
        event.group_id,
        event.content,
        event.file_name,
    )


def _user_event_numbers(event: UserEvent) -> tuple[int, ...]:
    return (
        event.kafka_offset,
        event.created_at,
        event.recorded_at,
        event.event_time,
        event.worker_id or 0,
        event.connection_time or 0,
        event.worker_id is not None,
        event.connection_time is not None,
    )


def _user_event_texts(event: UserEvent) -> tuple[str | None, ...]:
    return (event.event_type, event.user_id, event.session_id, event.client_ip, event.group_id)


def _append(
    name: str, batch: Batch, count: int, numbers: Iterable[int], texts: Iterable[str | None]
) -> None:
    encoded = [text.encode() if text else b"" for text in texts]
    sizes, given = array("i", map(len, encoded)), b"".join(encoded)
    values = array("q", numbers)
    at, size_at = values.buffer_info()[0], sizes.buffer_info()[0]
    added = _function(name)(batch.address, count, at, size_at, given, len(given))
    if added != count:
        raise OverflowError("the texts of a column take more than 2 GiB")


def _function(name: str) -> Callable[..., int]:
    arguments = (c_void_p, c_int64, c_void_p, c_void_p, c_char_p, c_int64)
    return function(name, c_int64, *arguments)
