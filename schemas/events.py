"""What the topics carry, typed: records in, messages and user events out, a batch at a time.

A batch holds what was read from one partition in one go, in offset order. Instants are integers,
milliseconds since 1970 UTC, so that a million of them cost no more than the numbers they are.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

Header = tuple[str, str | bytes | None]


class Record(Protocol):
    """A Kafka record, as a client hands it out."""

    def value(self) -> bytes | None:
        """The bytes the producer sent; None is a tombstone."""

    def key(self) -> bytes | None:
        """The key the partitioner saw."""

    def headers(self) -> dict[str, str | bytes | None] | list[Header] | None:
        """Headers in the order they were written."""

    def offset(self) -> int | None:
        """Where the record stands in its partition."""

    def timestamp(self) -> tuple[int, int]:
        """Kind of the record timestamp, and the timestamp in milliseconds."""


SIGNALLING = frozenset({6, 7})
"""Content types of voice and video signalling: offers, candidates, and the invite that rings."""


class TopicPartition(NamedTuple):
    """One log of records."""

    topic: str
    partition: int


class RecordBatch(msgspec.Struct, frozen=True):
    """Records of one partition, as read; what flows from `source` to `decode`.

    A batch without records tells how far the partition has come: it is the first thing a partition
    sends, and what it sends while it is idle and when it ends.
    """

    source: TopicPartition
    next_offset: int
    """Where to go on after this batch; past transaction markers and compacted records too."""
    records: Sequence[Record] = ()
    idle_for: int | None = None
    """Milliseconds the partition has had nothing more to read and counts as idle; None: active."""
    ended: bool = False
    """Nothing more will be read from this partition by this execution."""


class Progress(msgspec.Struct, frozen=True):
    """How far a partition has come with the batch that carries this."""

    source: TopicPartition
    next_offset: int
    event_time: int | None
    """Newest event time so far, each capped at its record timestamp plus a tolerance."""
    idle_for: int | None = None
    ended: bool = False


class ChatMessage(msgspec.Struct, frozen=True, gc=False):
    """A message to a user or to a group."""

    kafka_offset: int
    event_type: str
    created_at: int
    recorded_at: int
    event_time: int
    """`created_at`, but not beyond the record timestamp plus a tolerance: what orders events."""
    message_id: str
    conversation_id: str
    from_user: str | None
    to_user: str | None
    group_id: str | None
    content: str
    content_type: int
    message_type: int
    file_name: str | None
    file_size: int | None


class UserEvent(msgspec.Struct, frozen=True, gc=False):
    """Something a user did, other than sending a message."""

    kafka_offset: int
    event_type: str
    created_at: int
    recorded_at: int
    event_time: int
    user_id: str
    session_id: str | None
    """What tells this session of the user from another; None where the event names none."""
    worker_id: int | None
    """The chat server's worker (or shard) that holds the connection."""
    connection_time: int | None
    client_ip: str | None
    group_id: str | None


class DeadLetter(msgspec.Struct, frozen=True):
    """A record that can never be processed, kept whole with its reason."""

    kafka_offset: int
    recorded_at: int
    reason: str
    detail: str
    key: bytes | None
    payload: bytes | None
    headers: Sequence[Header]


class MessageBatch(msgspec.Struct, frozen=True):
    """The messages of one record batch; empty when there are none, for the progress it carries."""

    progress: Progress
    events: Sequence[ChatMessage]


class UserEventBatch(msgspec.Struct, frozen=True):
    """The user events of one record batch; empty when there are none."""

    progress: Progress
    events: Sequence[UserEvent]


class DeadLetterBatch(msgspec.Struct, frozen=True):
    """The dead letters of one record batch; empty when there are none."""

    progress: Progress
    events: list[DeadLetter]


Batch = MessageBatch | UserEventBatch | DeadLetterBatch
