"""From a record to an event or a dead letter: every wire generation, and forms that come close."""

import msgspec
from google.protobuf.message import DecodeError

from schemas.envelope import LATEST, LooseEnvelope, Metadata, read_loosely, read_strictly
from schemas.events import ChatMessage, DeadLetter, Header, Record, TopicPartition, UserEvent
from schemas.message_pb2 import Message
from schemas.payload import parse, read_bare, read_payload
from schemas.reasons import Reason, UndecodableError
from schemas.session import session_of

Event = ChatMessage | UserEvent

_GROUP = 2
"""`messageType` of a group message; 1 is a single one, 0 is seen from bots and old clients."""
_FILES = frozenset({2, 3, 5})
"""Content types (file, image, video) whose `content` is the file's name."""
_MESSAGES = frozenset({"message", "group_message"})
_NO_METADATA = Metadata()
_NOT_SECONDS = 10**14
"""From here on a timestamp, times 1000, was no number of seconds: see `envelope.instant`."""


def decode(record: Record, source: TopicPartition, tolerance: int) -> Event | DeadLetter:
    """Read one record; bad data is a value, never an exception.

    This is the hot path: one msgspec call, one protobuf call, one struct. What the strict reading
    does not take is read again, loosely and slowly.

    Args:
        record: What Kafka holds.
        source: Where it stands; a message without an id is named by its coordinates.
        tolerance: Milliseconds by which an event may be stamped later than its record.
    """
    value = record.value()
    try:
        envelope = read_strictly(value)  # type: ignore[arg-type]  # None is a TypeError
        data = envelope.message_data
        created_at = envelope.timestamp * 1000
        event_type = envelope.event_type
        if not 0 < created_at < _NOT_SECONDS or not event_type or (data and data[0] in b"{["):
            return _loosely(record, value, source, tolerance)
        message = parse(data) if data else None
    except (msgspec.DecodeError, DecodeError, UnicodeDecodeError, RecursionError, TypeError):
        return _loosely(record, value, source, tolerance)
    recorded_at = record.timestamp()[1]
    if not 0 <= recorded_at <= LATEST:
        return _loosely(record, value, source, tolerance)
    latest = recorded_at + tolerance
    event_time = created_at if created_at < latest else latest
    at = (record.offset() or 0, event_type, created_at, recorded_at, event_time)
    metadata = envelope.metadata
    if message is not None and (message.from_user or message.to or message.contentType):
        group_id = None if metadata is None else metadata.group_id
        return _message(at, message, envelope.user_id, group_id, source)
    if data or event_type in _MESSAGES or not envelope.user_id:
        return _loosely(record, value, source, tolerance)
    return _user_event(at, envelope.user_id, metadata or _NO_METADATA, envelope.worker_id)


def _loosely(
    record: Record, value: bytes | None, source: TopicPartition, tolerance: int
) -> Event | DeadLetter:
    # A producer can stamp a record with anything; what no calendar holds, no store could.
    recorded_at = min(max(record.timestamp()[1], 0), LATEST)
    offset = record.offset() or 0
    try:
        if not value:
            raise UndecodableError(Reason.EMPTY_VALUE, "the record has no value")
        return _event(value, offset, recorded_at, source, tolerance)
    except UndecodableError as error:
        return DeadLetter(
            offset,
            recorded_at,
            error.reason,
            error.detail,
            record.key(),
            value,
            _headers(record),
        )


def _headers(record: Record) -> tuple[Header, ...]:
    found = record.headers() or ()
    return tuple(found.items() if isinstance(found, dict) else found)


def _event(
    value: bytes, offset: int, recorded_at: int, source: TopicPartition, tolerance: int
) -> Event:
    try:
        envelope = read_loosely(value)
    except UndecodableError as error:
        message = read_bare(value) if error.reason is Reason.INVALID_JSON else None
        if message is None:
            raise
        event_type = "group_message" if message.messageType == _GROUP else "message"
        bare = (offset, event_type, recorded_at, recorded_at, recorded_at)
        return _message(bare, message, "", None, source)
    created_at = envelope.created_at or recorded_at
    event_time = min(created_at, recorded_at + tolerance)
    at = (offset, envelope.event_type, created_at, recorded_at, event_time)
    message = _payload_of(envelope)
    if message is not None:
        return _message(at, message, envelope.user_id, envelope.metadata.group_id, source)
    if not envelope.user_id:
        raise UndecodableError(Reason.MISSING_USER, "user_id is missing")
    return _user_event(at, envelope.user_id, envelope.metadata, envelope.worker_id)


def _payload_of(envelope: LooseEnvelope) -> Message | None:
    """The message, if the event is one; an event of unknown type may carry anything."""
    try:
        return read_payload(envelope.payload)
    except UndecodableError:
        if envelope.event_type in _MESSAGES:
            raise
        return None


def _message(
    at: tuple[int, str, int, int, int],
    message: Message,
    user_id: str,
    group_id: str | None,
    source: TopicPartition,
) -> ChatMessage:
    sender, to, words = message.from_user, message.to, message.content
    content_type, message_type, file = message.contentType, message.messageType, message.file
    to_user: str | None
    if at[1] == "group_message" or message_type == _GROUP:
        group = to or group_id or user_id
        # `user_id` is the sender at HEAD, the group in the specification's generation.
        from_user = sender or (user_id if user_id != group else "")
        conversation, to_user, message_type = group, None, _GROUP
    else:
        to_user = to or (user_id if user_id != sender else "")
        from_user, group = sender, ""
        conversation = f"{from_user}:{to_user}" if from_user < to_user else f"{to_user}:{from_user}"
    return ChatMessage(
        *at,
        message.messageId or f"{source.topic}-{source.partition}-{at[0]}",
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


def _user_event(
    at: tuple[int, str, int, int, int], user_id: str, metadata: Metadata, worker_id: int | None
) -> UserEvent:
    session = session_of(metadata, worker_id)
    return UserEvent(
        *at,
        user_id,
        session.session_id,
        session.worker_id,
        session.connection_time,
        session.client_ip,
        metadata.group_id or None,
    )
