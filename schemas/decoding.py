"""From a record to an event or a dead letter: every wire generation, and forms that come close."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from google.protobuf.message import DecodeError

from schemas.assembly import (
    GROUP,
    UnusualError,
    look_closer,
    look_closer_at_payload,
    message_of,
    user_event_of,
)
from schemas.envelope import (
    BACKSLASH,
    LATEST,
    LooseEnvelope,
    Metadata,
    read_loosely,
    read_strictly,
)
from schemas.events import ChatMessage, DeadLetter, Header, Record, TopicPartition, UserEvent
from schemas.ids import LONGEST_ID, long_id
from schemas.message_pb2 import Message
from schemas.payload import read_bare, read_payload
from schemas.reasons import Reason, UndecodableError

Event = ChatMessage | UserEvent

_MESSAGES = frozenset({"message", "group_message"})
_NO_METADATA = Metadata()
_NOT_SECONDS = 10**14
"""From here on a timestamp, times 1000, was no number of seconds: see `envelope.instant`."""

_NOT_STRICT = (
    *(UnusualError, msgspec.DecodeError, DecodeError),
    *(UnicodeDecodeError, RecursionError, TypeError),
)


class Decoded(NamedTuple):
    """What records turned out to be, each kind in the order of the records."""

    messages: list[ChatMessage]
    user_events: list[UserEvent]
    letters: list[DeadLetter]

    def add(self, event: Event | DeadLetter) -> None:
        """Put an event with its kind."""
        if isinstance(event, ChatMessage):
            self.messages.append(event)
        elif isinstance(event, UserEvent):
            self.user_events.append(event)
        else:
            self.letters.append(event)


class Events(NamedTuple):
    """The same of one partition, without repeats."""

    messages: Sequence[ChatMessage]
    user_events: Sequence[UserEvent]
    letters: list[DeadLetter]
    newest: int
    """The newest event time, repeats included; 0 without any event."""


def decode_all(records: Iterable[Record], source: TopicPartition, tolerance: int) -> Decoded:
    """Read records of one partition; bad data is a value, never an exception.

    Args:
        records: What Kafka holds.
        source: Where they stand; a message without an id is named by its coordinates.
        tolerance: Milliseconds by which an event may be stamped later than its record.
    """
    found = Decoded([], [], [])
    add_message, add_user_event = found.messages.append, found.user_events.append
    # The hot path, 2.2 us an event: one msgspec call, one protobuf call, one struct. A function
    # that reads one record, its result sorted by class, costs 4 % more; a new protobuf object for
    # each record 6 % more. What the strict reading does not take is read again, loosely.
    message = Message()
    parse = message.ParseFromString
    for record in records:
        value = record.value()
        try:
            envelope = read_strictly(value)  # type: ignore[arg-type]  # None is a TypeError
            event_type, user_id = envelope.event_type, envelope.user_id
            created_at, recorded_at = envelope.timestamp * 1000, record.timestamp()[1]
            if not (event_type and 0 < created_at < _NOT_SECONDS and 0 <= recorded_at <= LATEST):
                raise UnusualError
            if (is_long := len(value) > LONGEST_ID) or not value.isascii() or BACKSLASH in value:  # type: ignore[arg-type, union-attr, operator]
                look_closer(value, envelope)  # type: ignore[arg-type]
            latest = recorded_at + tolerance
            # Nearly always one object for both: fewer to allocate and to touch.
            event_time = created_at if created_at < latest else latest
            at = (record.offset() or 0, event_type, created_at, recorded_at, event_time)
            data, metadata = envelope.message_data, envelope.metadata
            if data:
                if data[0] in b"{[":
                    raise UnusualError
                parse(data)
                if is_long or 0 in data:
                    look_closer_at_payload(message, is_long=is_long)
                group_id = None if metadata is None else metadata.group_id
                add_message(message_of(at, message, user_id, group_id, source))
            elif user_id and event_type not in _MESSAGES:
                add_user_event(
                    user_event_of(at, user_id, metadata or _NO_METADATA, envelope.worker_id)
                )
            else:
                raise UnusualError
        except _NOT_STRICT:
            found.add(_loosely(record, value, source, tolerance))
    return found


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
        _refuse_long_ids(None, message)
        event_type = "group_message" if message.messageType == GROUP else "message"
        bare = (offset, event_type, recorded_at, recorded_at, recorded_at)
        return message_of(bare, message, "", None, source)
    created_at = envelope.created_at or recorded_at
    event_time = min(created_at, recorded_at + tolerance)
    at = (offset, envelope.event_type, created_at, recorded_at, event_time)
    message = _payload_of(envelope)
    if message is None and not envelope.user_id:
        raise UndecodableError(Reason.MISSING_USER, "user_id is missing")
    _refuse_long_ids(envelope, message)
    if message is not None:
        return message_of(at, message, envelope.user_id, envelope.metadata.group_id, source)
    return user_event_of(at, envelope.user_id, envelope.metadata, envelope.worker_id)


def _refuse_long_ids(envelope: LooseEnvelope | None, message: Message | None) -> None:
    if field := long_id(envelope, message):
        said = f"{field} is longer than {LONGEST_ID:,} bytes"
        raise UndecodableError(Reason.ID_TOO_LONG, said)


def _payload_of(envelope: LooseEnvelope) -> Message | None:
    """The message, if the event is one; an event of unknown type may carry anything."""
    try:
        return read_payload(envelope.payload)
    except UndecodableError:
        if envelope.event_type in _MESSAGES:
            raise
        return None
