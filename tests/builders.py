"""One line an event: what the topics carry, with a default for everything a test does not say.

`at` counts seconds from `START`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from schemas.events import (
    ChatMessage,
    Header,
    MessageBatch,
    Progress,
    TopicPartition,
    UserEvent,
    UserEventBatch,
)

START = 1_756_000_020_000
"""The instant from which tests count, in milliseconds: the beginning of a minute."""
CHAT = TopicPartition("chat-messages", 0)
USERS = TopicPartition("user-events", 0)
GROUPS = TopicPartition("group-messages", 0)

Event = ChatMessage | UserEvent


def instant(at: float) -> int:
    """That many seconds after `START`, in milliseconds since 1970."""
    return START + round(at * 1000)


@dataclass(frozen=True)
class Record:
    """A Kafka record without a broker."""

    content: bytes | None
    number: int = 0
    recorded_at: int = START
    the_key: bytes | None = None
    the_headers: tuple[Header, ...] = ()

    def value(self) -> bytes | None:
        return self.content

    def key(self) -> bytes | None:
        return self.the_key

    def headers(self) -> list[Header] | None:
        return list(self.the_headers) or None

    def offset(self) -> int | None:
        return self.number

    def timestamp(self) -> tuple[int, int]:
        return 1, self.recorded_at


def record(value: bytes | object, offset: int = 0, *, at: float = 0, key: bytes = b"k") -> Record:
    """A record of these bytes, or of this value as JSON."""
    content = value if isinstance(value, bytes) else msgspec.json.encode(value)
    return Record(content, offset, instant(at), key)


def message(
    sender: str | None = "ann",
    to: str | None = "bob",
    at: float = 0,
    *,
    group: str | None = None,
    text: str = "hi",
    message_id: str = "",
    content_type: int = 1,
    file_size: int | None = None,
    recorded_at: float | None = None,
    offset: int = 0,
) -> ChatMessage:
    """A message as it is decoded; `group` makes it one to a group."""
    moment = instant(at)
    recorded = moment if recorded_at is None else instant(recorded_at)
    ends = sorted((sender or "", to or ""))
    return ChatMessage(
        offset,
        "group_message" if group else "message",
        moment // 1000 * 1000,
        recorded,
        moment // 1000 * 1000,
        message_id or f"m{offset}",
        group or ":".join(ends),
        sender,
        None if group else to,
        group,
        text,
        content_type,
        2 if group else 1,
        None,
        file_size,
    )


def user_event(
    kind: str,
    user_id: str,
    at: float = 0,
    *,
    session: str | None = None,
    worker: int | None = None,
    connected: int | None = None,
    group: str | None = None,
    offset: int = 0,
) -> UserEvent:
    """Something a user did, as it is decoded."""
    moment = instant(at)
    seconds = moment // 1000 * 1000
    return UserEvent(
        offset, kind, seconds, moment, seconds, user_id, session, worker, connected, None, group
    )


online = partial(user_event, "user_online")
offline = partial(user_event, "user_offline")


def batch(
    source: TopicPartition, events: Sequence[Event], next_offset: int = 0
) -> MessageBatch | UserEventBatch:
    """Events of one partition as they leave `decode`, with the progress they make."""
    newest = max((event.event_time for event in events), default=None)
    progress = Progress(source, next_offset or _after(events), newest)
    messages = [event for event in events if isinstance(event, ChatMessage)]
    user_events = [event for event in events if isinstance(event, UserEvent)]
    assert not (messages and user_events), "a batch has one class of events"
    return (
        UserEventBatch(progress, user_events) if user_events else MessageBatch(progress, messages)
    )


def _after(events: Sequence[Event]) -> int:
    return events[-1].kafka_offset + 1 if events else 0
