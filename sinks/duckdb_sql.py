"""The statements of the DuckDB store, made from the table definitions."""

from schemas.rows import Table
from schemas.tables import FLOW_STATE
from sinks.commits import KEPT_FROM
from sinks.sql_memory import Questions, newest_message_ids

ROWS = "arriving"
"""Name under which the rows to write stand in a statement."""


def insert(table: Table) -> str:
    """Append the arriving rows."""
    return f"INSERT INTO {table.name} BY NAME SELECT * FROM {ROWS}"


def merge(table: Table) -> str:
    """Replace rows with an arriving key, append the others; arriving keys are distinct.

    Rows are deleted and added rather than updated: an update makes DuckDB write a column anew in
    every row group that it touches, and goes value by value through texts.
    """
    same = " AND ".join(f't."{name}" = s."{name}"' for name in table.key)
    # What is forgotten need not be written first.
    kept = " WHERE state IS NOT NULL" if table == FLOW_STATE else ""
    return f"DELETE FROM {table.name} t USING {ROWS} s WHERE {same};\n{insert(table)}{kept}"


def _instant(milliseconds: str) -> str:
    """Compared as it is with a column, whose row groups know their least and greatest."""
    # A small number comes as one of 32 bits.
    return f"make_timestamptz(({milliseconds})::BIGINT * 1000)"


_BYTES = "sum(strlen(m.content) + coalesce(m.file_size, 0))"
"""What a message weighs: its content in UTF-8, and the file it came with."""

_KEPT = f"""
coalesce((SELECT decode(state)::BIGINT FROM flow_state WHERE {KEPT_FROM}), -(2::BIGINT ** 53))
"""
"""Milliseconds since when every message is there."""

REVISE = f"""
MERGE INTO message_stats t USING (
    SELECT r.window_start, r.window_end, r.event_type, r.content_type, r.group_id,
        any_value(epoch_ms(r.window_start) >= {_KEPT}) AS is_whole,
        count(*) AS messages, count(DISTINCT m.from_user) AS senders, {_BYTES} AS bytes
    FROM {ROWS} r JOIN messages m
        ON m.created_at >= r.window_start AND m.created_at < r.window_end
        AND m.event_type = r.event_type AND m.content_type = r.content_type
        AND coalesce(m.group_id, '') = r.group_id
    WHERE m.created_at >= (SELECT min(window_start) FROM {ROWS})
        AND m.created_at < (SELECT max(window_end) FROM {ROWS})
    GROUP BY ALL
) s ON t.window_start = s.window_start AND t.window_end = s.window_end
    AND t.event_type = s.event_type AND t.content_type = s.content_type AND t.group_id = s.group_id
WHEN MATCHED AND s.is_whole THEN UPDATE SET messages = s.messages, senders = s.senders,
    bytes = s.bytes, closed = true, revision = t.revision + 1
WHEN MATCHED THEN DO NOTHING
WHEN NOT MATCHED THEN INSERT (window_start, window_end, event_type, content_type, group_id,
    messages, senders, bytes, closed, revision)
VALUES (s.window_start, s.window_end, s.event_type, s.content_type, s.group_id,
    s.messages, s.senders, s.bytes, true, 0)
"""

_MARKS = "SELECT kafka_topic, kafka_partition, next_offset FROM kafka_offsets WHERE sink = $sink"

FORGET_OPEN_WINDOWS = """
DELETE FROM message_stats WHERE NOT closed AND epoch_ms(window_end) - epoch_ms(window_start) <> ?
"""

_CLOSED_UNTIL = "SELECT epoch_ms(max(window_end)) FROM message_stats WHERE closed"

_OPEN_WINDOWS = f"""
SELECT (epoch_ms(m.created_at) // $length) * $length AS window_start, m.event_type,
    m.content_type, coalesce(m.group_id, ''), count(*), {_BYTES}::BIGINT,
    list(DISTINCT m.from_user) FILTER (m.from_user IS NOT NULL)
FROM messages m
WHERE m.created_at >= {_instant("$closed_until")}
GROUP BY ALL
"""

_EVENT_TIME = "least(epoch_ms(created_at), epoch_ms(recorded_at) + $tolerance)"
"""Milliseconds; see `Memory.message_ids`."""

_STATES = "SELECT key, state FROM flow_state WHERE step = $step AND state IS NOT NULL"

_ACTIVE_USERS = """
SELECT user_id, epoch_ms(active_at) FROM presence WHERE sessions > 0 AND active_at IS NOT NULL
"""

_PENDING_PUSHES = """
SELECT d.kafka_topic, d.kafka_partition, d.user_id, epoch_ms(d.decided_at),
    m.kafka_offset, m.event_type, epoch_ms(m.created_at), epoch_ms(m.recorded_at),
    least(epoch_ms(m.created_at), epoch_ms(m.recorded_at) + $tolerance), m.message_id,
    m.conversation_id, m.from_user, m.to_user, m.group_id,
    m.content, m.content_type, m.message_type, m.file_name, m.file_size
FROM push_decisions d
JOIN messages m USING (kafka_topic, kafka_partition, kafka_offset)
ANTI JOIN push_deliveries o
    ON o.kafka_topic = d.kafka_topic AND o.kafka_partition = d.kafka_partition
    AND o.kafka_offset = d.kafka_offset AND o.user_id = d.user_id
WHERE d.decision = 'sent' AND d.decided_at >= now() - INTERVAL 1 DAY
ORDER BY d.decided_at
"""

QUESTIONS = Questions(
    marks=_MARKS,
    closed_until=_CLOSED_UNTIL,
    open_windows=_OPEN_WINDOWS,
    message_ids=newest_message_ids(_EVENT_TIME, _instant, "${}".format),
    states=_STATES,
    active_users=_ACTIVE_USERS,
    pending_pushes=_PENDING_PUSHES,
)
"""What a file is asked at start."""
