"""The statements of the Postgres store, made from the table definitions."""

from schemas.rows import Table
from schemas.tables import FLOW_STATE, MESSAGE_STATS
from sinks.commits import KEPT_FROM
from sinks.epoch import WINDOW
from sinks.sql_memory import Questions, newest_message_ids


def copy(target: str, table: Table) -> str:
    """Take the rows of `table` from the client, into it or into what is formed like it."""
    return f"COPY {target} ({_names(table)}) FROM STDIN (FORMAT binary)"


def arriving(table: Table) -> str:
    """Where rows wait, within a transaction, to be merged into `table`."""
    return f"arriving_{table.name}"


def make_arriving(table: Table) -> str:
    """Make that place, once a session."""
    like = MESSAGE_STATS if table is WINDOW else table
    rows = f"SELECT {_names(table)} FROM {like.name} LIMIT 0"
    return f"CREATE TEMP TABLE IF NOT EXISTS {arriving(table)} ON COMMIT DELETE ROWS AS {rows}"


def merge(table: Table) -> str:
    """Replace rows with an arriving key, append the others; arriving keys are distinct."""
    rest = [name for name in table.names if name not in table.key]
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
    kept = " WHERE state IS NOT NULL" if table is FLOW_STATE else ""
    return (
        f"INSERT INTO {table.name} ({_names(table)})"
        f" SELECT {_names(table)} FROM {arriving(table)}{kept}"
        f" ON CONFLICT ({', '.join(table.key)}) DO UPDATE SET {changes}"
    )


def _names(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.names)


def _ms(instant: str) -> str:
    """An instant as milliseconds since 1970; exact, because `extract` is of type numeric."""
    return f"(extract(epoch FROM {instant}) * 1000)::bigint"


def _event_time(message: str) -> str:
    """Milliseconds; see `Memory.message_ids`."""
    created, recorded = _ms(f"{message}created_at"), _ms(f"{message}recorded_at")
    return f"least({created}, {recorded} + %(tolerance)s)"


def _instant(milliseconds: str) -> str:
    return f"to_timestamp({milliseconds} / 1000.0)"


FORGET_STATES = f"""
DELETE FROM {FLOW_STATE.name} t USING {arriving(FLOW_STATE)} s
WHERE s.state IS NULL AND t.step = s.step AND t.key = s.key
"""

_BYTES = "sum(octet_length(m.content) + coalesce(m.file_size, 0))::bigint"
"""What a message weighs: its content in UTF-8, and the file it came with."""

REVISE = f"""
INSERT INTO message_stats (window_start, window_end, event_type, content_type, group_id,
    messages, senders, bytes, closed, revision)
SELECT r.window_start, r.window_end, r.event_type, r.content_type, r.group_id,
    s.messages, s.senders, s.bytes, true, 0
FROM (SELECT DISTINCT window_start, window_end FROM {arriving(WINDOW)}) w
CROSS JOIN LATERAL (
    SELECT m.event_type, m.content_type, coalesce(m.group_id, '') AS group_id,
        count(*) AS messages, count(DISTINCT m.from_user) AS senders, {_BYTES} AS bytes
    FROM messages m
    WHERE m.created_at >= w.window_start AND m.created_at < w.window_end
    GROUP BY 1, 2, 3
) s
JOIN {arriving(WINDOW)} r
    ON r.window_start = w.window_start AND r.window_end = w.window_end
    AND r.event_type = s.event_type AND r.content_type = s.content_type
    AND r.group_id = s.group_id
ON CONFLICT (window_start, window_end, event_type, content_type, group_id) DO UPDATE
SET messages = excluded.messages, senders = excluded.senders, bytes = excluded.bytes,
    closed = true, revision = message_stats.revision + 1
WHERE NOT EXISTS (
    SELECT FROM flow_state WHERE {KEPT_FROM}
        AND convert_from(state, 'UTF8')::bigint > {_ms("message_stats.window_start")}
)
"""
"""Count windows anew: each window is read once, however many of its rows are revised. Not those
of which messages are gone: their rows stay as they are."""

FORGET_OPEN_WINDOWS = f"""
DELETE FROM message_stats
WHERE NOT closed AND {_ms("window_end")} - {_ms("window_start")} <> %(length)s
"""

HAS_MARKS = "SELECT EXISTS (SELECT FROM kafka_offsets)"

_MARKS = """
SELECT kafka_topic, kafka_partition, next_offset FROM kafka_offsets WHERE sink = %(sink)s
"""

_CLOSED_UNTIL = f"SELECT {_ms('max(window_end)')} FROM message_stats WHERE closed"

_OPEN_WINDOWS = f"""
SELECT floor({_ms("m.created_at")}::numeric / %(length)s)::bigint * %(length)s AS window_start,
    m.event_type, m.content_type, coalesce(m.group_id, ''), count(*), {_BYTES},
    array_agg(DISTINCT m.from_user) FILTER (WHERE m.from_user IS NOT NULL)
FROM messages m
WHERE m.created_at >= {_instant("%(closed_until)s")}
GROUP BY 1, 2, 3, 4
"""

_STATES = "SELECT key, state FROM flow_state WHERE step = %(step)s"

_ACTIVE_USERS = f"""
SELECT user_id, {_ms("active_at")} FROM presence WHERE sessions > 0 AND active_at IS NOT NULL
"""

_PENDING_PUSHES = f"""
SELECT d.kafka_topic, d.kafka_partition, d.user_id, {_ms("d.decided_at")},
    m.kafka_offset, m.event_type, {_ms("m.created_at")}, {_ms("m.recorded_at")},
    {_event_time("m.")}, m.message_id, m.conversation_id, m.from_user, m.to_user, m.group_id,
    m.content, m.content_type, m.message_type, m.file_name, m.file_size
FROM push_decisions d
JOIN messages m USING (kafka_topic, kafka_partition, kafka_offset)
WHERE d.decision = 'sent' AND d.decided_at >= now() - INTERVAL '1 day'
    AND NOT EXISTS (
        SELECT FROM push_deliveries o
        WHERE o.kafka_topic = d.kafka_topic AND o.kafka_partition = d.kafka_partition
            AND o.kafka_offset = d.kafka_offset AND o.user_id = d.user_id
    )
ORDER BY d.decided_at
"""

QUESTIONS = Questions(
    marks=_MARKS,
    closed_until=_CLOSED_UNTIL,
    open_windows=_OPEN_WINDOWS,
    message_ids=newest_message_ids(_event_time(""), _instant, "%({})s".format),
    states=_STATES,
    active_users=_ACTIVE_USERS,
    pending_pushes=_PENDING_PUSHES,
)
"""What a database is asked at start."""
