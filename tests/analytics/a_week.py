"""A DuckDB file with a week of chat that is the same each time, quickly made."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sinks.lease import open_for_writing
from sinks.migrate import migrate

END = datetime(2026, 3, 30, tzinfo=UTC)
"""The instant after the last row; the clocks of Europe were changed the night before."""
START = END - timedelta(days=7)
HOSTILE = "<script>alert(1)</script>"
"""The name that somebody has given himself."""

_TABLES = """
CREATE TEMP TABLE said AS
SELECT i, START + to_microseconds(CAST(604800e6 * i / ROWS AS BIGINT)) AS "at",
    CASE WHEN hash(i, 'who') % 37 = 0 THEN '<script>alert(1)</script>'
        ELSE 'user-' || CAST(floor(sqrt(hash(i, 'who') % 6400)) AS INTEGER) END AS sender,
    CASE WHEN hash(i, 'kind') % 5 < 2
        THEN 'group-' || CAST(floor(sqrt(hash(i, 'group') % 400)) AS INTEGER) END AS group_id
FROM range(ROWS) numbers(i)
-- Most people sleep at night.
WHERE hash(i, 'awake') % 100
    < 15 + 80 * greatest(0, sin((i * 7 * 24 // ROWS % 24 - 6) * pi() / 17));

INSERT INTO messages
SELECT 'chat-messages', i % 3, i, 'm' || i, if(group_id IS NULL, 'message', 'group_message'),
    sender, if(group_id IS NULL, 'user-1', NULL), group_id,
    'a secret', CASE WHEN i % 9 = 0 THEN 2 WHEN i % 31 = 0 THEN 3 ELSE 1 END, 1,
    if(i % 9 = 0, 'photo.jpg', NULL), if(i % 9 = 0, 20000 + hash(i) % 900000, NULL),
    "at", "at" + to_milliseconds(hash(i, 'delay') % 900)
FROM said;

INSERT INTO message_stats
SELECT time_bucket(INTERVAL 1 MINUTE, created_at), time_bucket(INTERVAL 1 MINUTE, created_at)
    + INTERVAL 1 MINUTE, event_type, content_type, coalesce(group_id, ''), count(*),
    count(DISTINCT from_user), sum(strlen(content) + coalesce(file_size, 0)), true,
    CAST(count(*) % 11 = 0 AS INTEGER)
FROM messages GROUP BY ALL;

INSERT INTO presence_changes
SELECT 'user-events', 0, row_number() OVER (), sender, status, reason, "at" FROM (
    SELECT sender, 'online' AS status, 'connected' AS reason, min("at") AS "at"
    FROM said GROUP BY sender, date_trunc('day', "at")
    UNION ALL
    SELECT sender, 'offline', 'disconnected', max("at") + INTERVAL 1 MINUTE
    FROM said GROUP BY sender, date_trunc('day', "at")
);
INSERT INTO presence
SELECT user_id, arg_max(status, "at"), 0, max("at"), max("at"), NULL
FROM presence_changes GROUP BY user_id;

INSERT INTO push_decisions
SELECT kafka_topic, kafka_partition, kafka_offset, message_id, 'user-1',
    if(kafka_offset % 4 = 0, 'suppressed', 'sent'),
    CASE kafka_offset % 12 WHEN 0 THEN 'muted' WHEN 4 THEN 'online' WHEN 8 THEN 'stale'
        ELSE 'offline' END, 'log', created_at + INTERVAL 2 SECOND
FROM messages;
INSERT INTO push_deliveries
SELECT kafka_topic, kafka_partition, kafka_offset, message_id, user_id, 'log',
    if(kafka_offset % 50 = 1, 'rejected', 'delivered'), '', 1,
    decided_at + to_milliseconds(100 + hash(kafka_offset) % 1900)
FROM push_decisions WHERE decision = 'sent' AND kafka_offset % 29 <> 0;

INSERT INTO dead_letters
SELECT 'chat-messages', 0, i, CASE i % 3 WHEN 0 THEN 'empty_value' ELSE 'invalid_json' END, '',
    NULL, NULL, '[]', START + to_hours(CAST(4 * i AS BIGINT))
FROM range(42) numbers(i);
INSERT INTO kafka_offsets
SELECT sink, 'chat-messages', partition, 7000 FROM (VALUES ('store'), ('presence')) s(sink),
    range(3) p(partition);
"""


def a_week(file: Path, messages: int = 20_000) -> Path:
    """Make the file: fewer messages than asked for, because people sleep."""
    sql = _TABLES.replace("START", f"TIMESTAMPTZ '{START.isoformat()}'")
    with open_for_writing(file, 1.0) as connection:
        migrate(connection, "duckdb")
        connection.execute(sql.replace("ROWS", str(messages)))
    return file
