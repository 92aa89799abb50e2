"""The tables, the same in every store: columns in order, their types, and what identifies a row."""

import enum
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from schemas.events import Progress


class Type(enum.Enum):
    """What a column holds, in words both stores have a type for."""

    TEXT = "text"
    INTEGER = "integer"
    BIGINT = "bigint"
    BOOLEAN = "boolean"
    BYTES = "bytes"
    INSTANT = "instant"
    """Milliseconds since 1970 UTC here, `TIMESTAMPTZ` in the store."""


class Table(NamedTuple):
    """A table. With a key, a row replaces the one with the same key; without, rows only add up."""

    name: str
    columns: tuple[tuple[str, Type], ...]
    key: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(name for name, _ in self.columns)


class Rows(msgspec.Struct, frozen=True):
    """Rows for one table, column by column, in the order of `Table.columns`.

    With `progress`, the rows come from the records of one batch: a store drops those below its
    high-water mark, and its mark moves with the transaction that holds the rest.
    """

    table: Table
    columns: Sequence[Sequence[Any]]
    progress: Progress | None = None

    @classmethod
    def of(cls, table: Table, rows: Sequence[Sequence[Any]]) -> "Rows":
        """Turn rows into columns, for the tables that see few of them."""
        return cls(table, tuple(zip(*rows, strict=True)) or ((),) * len(table.columns))

    def __len__(self) -> int:
        return len(self.columns[0])


_RECORD = (
    ("kafka_topic", Type.TEXT),
    ("kafka_partition", Type.INTEGER),
    ("kafka_offset", Type.BIGINT),
)
"""Stands first on every row that came from one record."""

MESSAGES = Table(
    "messages",
    (
        *_RECORD,
        ("message_id", Type.TEXT),
        ("event_type", Type.TEXT),
        ("conversation_id", Type.TEXT),
        ("from_user", Type.TEXT),
        ("to_user", Type.TEXT),
        ("group_id", Type.TEXT),
        ("content", Type.TEXT),
        ("content_type", Type.INTEGER),
        ("message_type", Type.INTEGER),
        ("file_name", Type.TEXT),
        ("file_size", Type.BIGINT),
        ("created_at", Type.INSTANT),
        ("recorded_at", Type.INSTANT),
    ),
)

USER_EVENTS = Table(
    "user_events",
    (
        *_RECORD,
        ("event_type", Type.TEXT),
        ("user_id", Type.TEXT),
        ("session_id", Type.TEXT),
        ("client_ip", Type.TEXT),
        ("created_at", Type.INSTANT),
        ("recorded_at", Type.INSTANT),
    ),
)

MESSAGE_STATS = Table(
    "message_stats",
    (
        ("window_start", Type.INSTANT),
        ("window_end", Type.INSTANT),
        ("event_type", Type.TEXT),
        ("content_type", Type.INTEGER),
        ("group_id", Type.TEXT),
        ("messages", Type.BIGINT),
        ("senders", Type.BIGINT),
        ("bytes", Type.BIGINT),
        ("closed", Type.BOOLEAN),
        ("revision", Type.INTEGER),
    ),
    key=("window_start", "event_type", "content_type", "group_id"),
)

PRESENCE = Table(
    "presence",
    (
        ("user_id", Type.TEXT),
        ("status", Type.TEXT),
        ("sessions", Type.INTEGER),
        ("since", Type.INSTANT),
        ("last_seen", Type.INSTANT),
    ),
    key=("user_id",),
)

PRESENCE_CHANGES = Table(
    "presence_changes",
    (
        *_RECORD,
        ("user_id", Type.TEXT),
        ("status", Type.TEXT),
        ("reason", Type.TEXT),
        ("at", Type.INSTANT),
    ),
)

PUSH_DECISIONS = Table(
    "push_decisions",
    (
        *_RECORD,
        ("message_id", Type.TEXT),
        ("user_id", Type.TEXT),
        ("decision", Type.TEXT),
        ("reason", Type.TEXT),
        ("provider", Type.TEXT),
        ("decided_at", Type.INSTANT),
    ),
)

PUSH_DELIVERIES = Table(
    "push_deliveries",
    (
        *_RECORD,
        ("message_id", Type.TEXT),
        ("user_id", Type.TEXT),
        ("provider", Type.TEXT),
        ("outcome", Type.TEXT),
        ("detail", Type.TEXT),
        ("attempts", Type.INTEGER),
        ("at", Type.INSTANT),
    ),
    key=("kafka_topic", "kafka_partition", "kafka_offset", "user_id"),
)

DEAD_LETTERS = Table(
    "dead_letters",
    (
        *_RECORD,
        ("reason", Type.TEXT),
        ("detail", Type.TEXT),
        ("key", Type.BYTES),
        ("payload", Type.BYTES),
        ("headers", Type.TEXT),
        ("at", Type.INSTANT),
    ),
)

KAFKA_OFFSETS = Table(
    "kafka_offsets",
    (
        ("sink", Type.TEXT),
        ("kafka_topic", Type.TEXT),
        ("kafka_partition", Type.INTEGER),
        ("next_offset", Type.BIGINT),
    ),
    key=("sink", "kafka_topic", "kafka_partition"),
)

FLOW_STATE = Table(
    "flow_state",
    (("step", Type.TEXT), ("key", Type.TEXT), ("state", Type.BYTES)),
    key=("step", "key"),
)
"""What a step must know to go on where it was; a row whose `state` is null is deleted."""

TABLES = (
    MESSAGES,
    USER_EVENTS,
    MESSAGE_STATS,
    PRESENCE,
    PRESENCE_CHANGES,
    PUSH_DECISIONS,
    PUSH_DELIVERIES,
    DEAD_LETTERS,
    KAFKA_OFFSETS,
    FLOW_STATE,
)
