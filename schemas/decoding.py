"""From a record to an event or a dead letter: every wire generation, and forms that come close."""

import msgspec

from schemas.envelope import LooseEnvelope, Metadata, Payload, read_loosely, read_strictly
from schemas.events import ChatMessage, DeadLetter, Header, Record, TopicPartition, UserEvent
from schemas.payload import Content, read_bare, read_payload, read_protobuf
from schemas.reasons import Reason, UndecodableError
from schemas.session import session_of

Event = ChatMessage | UserEvent

_GROUP = 2
"""`messageType` of a group message; 1 is a single one, 0 is seen from bots and old clients."""
_FILES = frozenset({2, 3, 5})
"""Content types (file, image, video) whose `content` is the file's name."""
_MESSAGES = frozenset({"message", "group_message"})
_NO_METADATA = Metadata()


def decode(record: Record, source: TopicPartition, tolerance: int) -> Event | DeadLetter:
    """Read one record; bad data is a value, never an exception.

    Args:
        record: What Kafka holds.
        source: Where it stands; a message without an id is named by its coordinates.
        tolerance: Milliseconds by which an event may be stamped later than its record.
    """
    value = record.value()
    recorded_at = max(record.timestamp()[1], 0)
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
    """The hot path: one msgspec call, one protobuf call, one struct; all else is loose."""
    try:
        envelope = read_strictly(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _loose_event(value, offset, recorded_at, source, tolerance)
    data = envelope.message_data
    event_type = envelope.event_type
    created_at = envelope.timestamp * 1000
    if (data and data[0] in b"{[") or not 0 < created_at < 10**14 or not event_type:
        return _loose_event(value, offset, recorded_at, source, tolerance)
    latest = recorded_at + tolerance
    event_time = created_at if created_at < latest else latest
    at = (offset, event_type, created_at, recorded_at, event_time)
    metadata = envelope.metadata or _NO_METADATA
    if data:
        try:
            content = read_protobuf(data)
        except UndecodableError:
            if event_type in _MESSAGES:
                raise
        else:
            return _message(at, content, envelope.user_id, metadata.group_id, source)
    return _without_payload(at, envelope.user_id, metadata, envelope.worker_id)


def _loose_event(
    value: bytes, offset: int, recorded_at: int, source: TopicPartition, tolerance: int
) -> Event:
    try:
        envelope = read_loosely(value)
    except UndecodableError as error:
        content = read_bare(value) if error.reason is Reason.INVALID_JSON else None
        if content is None:
            raise
        event_type = "group_message" if content.message_type == _GROUP else "message"
        at = (offset, event_type, recorded_at, recorded_at, recorded_at)
        return _message(at, content, "", None, source)
    created_at = envelope.created_at or recorded_at
    event_time = min(created_at, recorded_at + tolerance)
    at = (offset, envelope.event_type, created_at, recorded_at, event_time)
    content = _payload_of(envelope)
    if content is not None:
        return _message(at, content, envelope.user_id, envelope.metadata.group_id, source)
    return _without_payload(at, envelope.user_id, envelope.metadata, envelope.worker_id)


def _payload_of(envelope: LooseEnvelope) -> Content | None:
    """The message, if the event is one; an event of unknown type may carry anything."""
    payload: Payload = envelope.payload
    try:
        return read_payload(payload)
    except UndecodableError:
        if envelope.event_type in _MESSAGES:
            raise
        return None


def _message(
    at: tuple[int, str, int, int, int],
    content: Content,
    user_id: str,
    group_id: str | None,
    source: TopicPartition,
) -> ChatMessage:
    sender, to, words, content_type = (
        content.from_user,
        content.to,
        content.content,
        content.content_type,
    )
    to_user: str | None
    if at[1] == "group_message" or content.message_type == _GROUP:
        group = to or group_id or user_id
        # `user_id` is the sender at HEAD, the group in the specification's generation.
        from_user = sender or (user_id if user_id != group else "")
        conversation, to_user, kind = group, None, _GROUP
    else:
        to_user = to or (user_id if user_id != sender else "")
        from_user, group = sender, ""
        conversation = f"{from_user}:{to_user}" if from_user < to_user else f"{to_user}:{from_user}"
        kind = content.message_type or 1
    return ChatMessage(
        *at,
        content.message_id or f"{source.topic}-{source.partition}-{at[0]}",
        conversation,
        from_user or None,
        to_user or None,
        group or None,
        words,
        content_type,
        kind,
        words if content_type in _FILES and words else None,
        content.file_size or None,
    )


def _without_payload(
    at: tuple[int, str, int, int, int], user_id: str, metadata: Metadata, worker_id: int | None
) -> UserEvent:
    if at[1] in _MESSAGES:
        raise UndecodableError(Reason.MISSING_PAYLOAD, "a message without message_data")
    if not user_id:
        raise UndecodableError(Reason.MISSING_USER, "user_id is missing")
    session = session_of(metadata, worker_id)
    return UserEvent(
        *at,
        user_id,
        session.session_id,
        session.worker_id,
        session.connection_time,
        session.client_ip,
        metadata.group_id,
    )
