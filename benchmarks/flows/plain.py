"""What the peers' programs share: the events as pydantic models, and plain rules.

Written as a user of those libraries would, message by message. The rules are the chat flow's for
the traffic of the simulator; what that never does (bare protobuf, sessions that expire within the
run, messages sent twice) they do not know.
"""

import base64
import binascii
from typing import Any, TypedDict

from google.protobuf.message import DecodeError
from pydantic import BaseModel, Field, ValidationError

from schemas.message_pb2 import Message


class Metadata(BaseModel):
    """What a server says beside the event."""

    group_id: str | None = None
    client_ip: str | None = None
    connection_time: int | None = None
    disconnect_time: int | None = None
    worker_id: int | None = None


class Envelope(BaseModel):
    """One record's value."""

    event_type: str = Field(min_length=1)
    timestamp: int
    user_id: str = ""
    message_data: str | dict[str, Any] | None = None
    metadata: Metadata = Metadata()
    worker_id: int | None = None


class Place(TypedDict):
    """Where a record stands."""

    kafka_topic: str
    kafka_partition: int
    kafka_offset: int
    recorded_at: int


class Recorded(BaseModel):
    """What came from one record."""

    kafka_topic: str
    kafka_partition: int
    kafka_offset: int
    recorded_at: int


class ChatMessage(Recorded):
    """A message to a user or to a group."""

    message_id: str
    event_type: str
    conversation_id: str
    from_user: str
    to_user: str | None
    group_id: str | None
    content: str
    content_type: int
    message_type: int
    file_name: str | None
    file_size: int | None
    created_at: int


class UserEvent(Recorded):
    """Something a user did."""

    event_type: str
    user_id: str
    session_id: str | None
    worker_id: int | None
    created_at: int


class DeadLetter(Recorded):
    """A record that nobody can decode."""

    reason: str
    payload: bytes | None


Event = ChatMessage | UserEvent | DeadLetter
_FILES = (2, 3, 5)


def decode(value: bytes | None, place: Place) -> Event:
    """Read one record; bad data is a dead letter."""
    try:
        envelope = Envelope.model_validate_json(value or b"")
        if envelope.event_type in ("message", "group_message"):
            return _message(envelope, _payload(envelope.message_data), place)
        return _user_event(envelope, place)
    except (ValidationError, DecodeError, binascii.Error, ValueError) as error:
        reason = type(error).__name__
        return DeadLetter(**place, reason=reason, payload=value)


def _payload(data: str | dict[str, Any] | None) -> Message:
    if isinstance(data, dict):
        return Message(
            from_user=data["from"],
            to=data["to"],
            content=data.get("content", ""),
            contentType=data.get("contentType", 0),
            messageType=data.get("messageType", 0),
        )
    message = Message()
    message.ParseFromString(base64.b64decode(data or "", validate=True))
    if not message.from_user:
        raise ValueError("a message of nobody")
    return message


def _message(envelope: Envelope, message: Message, place: Place) -> ChatMessage:
    is_group = envelope.event_type == "group_message"
    sender, to = message.from_user, message.to
    number = "{kafka_topic}-{kafka_partition}-{kafka_offset}".format(**place)
    return ChatMessage(
        **place,
        message_id=message.messageId or number,
        event_type=envelope.event_type,
        conversation_id=to if is_group else ":".join(sorted((sender, to))),
        from_user=sender,
        to_user=None if is_group else to,
        group_id=to if is_group else None,
        content=message.content,
        content_type=message.contentType,
        message_type=message.messageType,
        file_name=message.content if message.contentType in _FILES else None,
        file_size=len(message.file) or None,
        created_at=envelope.timestamp * 1000,
    )


def _user_event(envelope: Envelope, place: Place) -> UserEvent:
    said = envelope.metadata
    return UserEvent(
        **place,
        event_type=envelope.event_type,
        user_id=envelope.user_id,
        session_id=said.client_ip,
        worker_id=envelope.worker_id if envelope.worker_id is not None else said.worker_id,
        created_at=envelope.timestamp * 1000,
    )


Sessions = dict[str, int | None]
"""The live sessions of a user, with the worker each is connected to."""


def follow(sessions: Sessions, event: UserEvent) -> Sessions:
    """The user's sessions after an event."""
    if event.event_type == "user_online":
        return {**sessions, event.session_id or "": event.worker_id}
    if event.event_type != "user_offline":
        return sessions
    if event.session_id is not None:
        return {name: found for name, found in sessions.items() if name != event.session_id}
    return {name: found for name, found in sessions.items() if found != event.worker_id}


def decision(message: ChatMessage, user_id: str) -> dict[str, Any]:
    """The row of a candidate: whoever is offline is one; a backlog this old is not pushed."""
    return {
        "kafka_topic": message.kafka_topic,
        "kafka_partition": message.kafka_partition,
        "kafka_offset": message.kafka_offset,
        "message_id": message.message_id,
        "user_id": user_id,
        "decision": "suppressed",
        "reason": "stale",
    }


def table_of(event: Event) -> str:
    """The table an event's row belongs to."""
    if isinstance(event, ChatMessage):
        return "messages"
    return "user_events" if isinstance(event, UserEvent) else "dead_letters"


def fetching(properties: dict[str, Any]) -> dict[str, Any]:
    """Those of the flow's consumer settings that say how much is fetched and how often."""
    names = ("fetch.", "queued.")
    return {name: value for name, value in properties.items() if name.startswith(names)}
