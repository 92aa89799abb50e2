"""Events put together, once their parts are read: the same for every form they come in."""

from schemas.envelope import BACKSLASH, ESCAPE, Envelope, Metadata
from schemas.events import ChatMessage, TopicPartition, UserEvent
from schemas.ids import has_doubtful_id, has_doubtful_id_inside
from schemas.message_pb2 import Message
from schemas.payload import replace_nul
from schemas.session import session_of

At = tuple[int, str, int, int, int]
"""Offset, event type, and the times: as the server says, as Kafka says, as events are ordered."""

GROUP = 2
"""`messageType` of a group message; 1 is a single one, 0 is seen from bots and old clients."""
_FILES = frozenset({2, 3, 5})
"""Content types (file, image, video) whose `content` is the file's name."""


class UnusualError(Exception):
    """Not as servers write it today: to be read loosely."""


def look_closer(value: bytes, envelope: Envelope) -> None:
    """Make sure that fields nobody reads are text, too, and that no id can be too long.

    Raises:
        UnicodeDecodeError: The value is not UTF-8.
        UnusualError: An escape may be NUL or half a surrogate pair, or an id is a long one.
    """
    if not value.isascii():
        value.decode()
    # One byte is found in a tenth of the time of two.
    if (BACKSLASH in value and ESCAPE in value) or has_doubtful_id(envelope):
        raise UnusualError


def look_closer_at_payload(message: Message, *, is_long: bool) -> None:
    """Put U+FFFD for every NUL of a message, and make sure that no id can be too long then.

    Raises:
        UnusualError: An id is a long one.
    """
    # U+FFFD is three bytes: it alone can make an id longer than its record is.
    grew = replace_nul(message)
    if (grew or is_long) and has_doubtful_id_inside(message):
        raise UnusualError


def message_of(
    at: At, message: Message, user_id: str, group_id: str | None, source: TopicPartition
) -> ChatMessage:
    """Put a message together.

    Raises:
        UnusualError: The payload names no sender, recipient or content type.
    """
    offset, event_type, created_at, recorded_at, event_time = at
    sender, to, content_type = message.from_user, message.to, message.contentType
    if not (sender or to or content_type):
        raise UnusualError
    words, file = message.content, message.file
    if event_type == "group_message" or (message_type := message.messageType) == GROUP:
        conversation = group = to or group_id or user_id
        # `user_id` is the sender at HEAD, the group in the specification's generation.
        from_user = sender or (user_id if user_id != group else "")
        to_user, message_type = "", GROUP
    else:
        to_user = to or (user_id if user_id != sender else "")
        from_user, group = sender, ""
        conversation = f"{sender}:{to_user}" if sender < to_user else f"{to_user}:{sender}"
    # Arguments one by one, here and below: `*at` costs 0.05 us more, 3 % of decoding.
    return ChatMessage(
        offset,
        event_type,
        created_at,
        recorded_at,
        event_time,
        message.messageId or f"{source.topic}-{source.partition}-{offset}",
        conversation,
        from_user or None,
        to_user or None,
        group or None,
        words,
        content_type,
        message_type or 1,
        words if content_type in _FILES and words else None,
        len(file) if file else None,
    )


def user_event_of(at: At, user_id: str, metadata: Metadata, worker_id: int | None) -> UserEvent:
    """Put a user event together."""
    offset, event_type, created_at, recorded_at, event_time = at
    session = session_of(metadata, worker_id)
    return UserEvent(
        offset,
        event_type,
        created_at,
        recorded_at,
        event_time,
        user_id,
        session.session_id,
        session.worker_id,
        session.connection_time,
        session.client_ip,
        metadata.group_id or None,
    )
