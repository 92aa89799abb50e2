"""The tables: what stands in them is the interface that others rely on."""

from schemas.rows import Table, Type

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
    key=("window_start", "window_end", "event_type", "content_type", "group_id"),
)

PRESENCE = Table(
    "presence",
    (
        ("user_id", Type.TEXT),
        ("status", Type.TEXT),
        ("sessions", Type.INTEGER),
        ("since", Type.INSTANT),
        ("last_seen", Type.INSTANT),
        ("active_at", Type.INSTANT),
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
