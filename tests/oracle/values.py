"""What the oracle works on: records as Kafka holds them, events as they are understood, settings.

The oracle computes every table from the topics' records, after `docs/semantics.md` and nothing
else. It shares no code with the flow, so that the two can only agree by both being right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JsonObject = Mapping[str, Any]  # Any: whatever a producer put there
Headers = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True)
class RawRecord:
    """A record as it stands in a topic; `timestamp_ms` is Kafka's own."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int

    @property
    def coordinates(self) -> tuple[str, int, int]:
        return self.topic, self.partition, self.offset


@dataclass(frozen=True)
class Payload:
    """The fields of a `protocol.Message` that any table depends on; the file as its size."""

    sender: str = ""
    to: str = ""
    content: str = ""
    content_type: int = 0
    message_type: int = 0
    file_size: int = 0
    message_id: str = ""

    @property
    def is_message(self) -> bool:
        return bool(self.sender or self.to or self.content_type)


@dataclass(frozen=True)
class Event:
    """A record understood; `payload` is there when it is a message."""

    record: RawRecord
    event_type: str
    created_ms: int
    event_ms: int
    user_id: str
    metadata: JsonObject
    worker: str | None
    payload: Payload | None


@dataclass(frozen=True)
class DeadLetter:
    """A record that is no event, and why."""

    record: RawRecord
    reason: str


@dataclass(frozen=True)
class Rules:
    """The settings that decide what counts as what, in milliseconds; defaults as documented."""

    future_tolerance: int = 60_000
    window_length: int = 60_000
    stats_lateness: int = 30_000
    session_timeout: int = 30 * 60_000
    offline_grace: int = 10_000
    push_max_age: int = 10 * 60_000
    call_max_age: int = 30_000
    clock: int = 0
    """When the flow ran; a push whose time is over by then is stale, none may end meanwhile."""


@dataclass(frozen=True)
class Directory:
    """What the directory file says; a user without an entry in `devices` has unknown ones."""

    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    devices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mute_all: frozenset[str] = frozenset()
    muted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By user: the conversations."""


def text_of(value: object) -> str | None:
    """A text or a whole number of JSON as text; nothing else, and nothing empty."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value)
    return value or None if isinstance(value, str) else None
