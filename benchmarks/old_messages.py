"""Messages of long ago, put into a store as if the flow had written them."""

import contextlib
from pathlib import Path

import duckdb

_ROWS = """
INSERT INTO messages BY NAME
SELECT $topic AS kafka_topic, i % 3 AS kafka_partition, i - $rows AS kafka_offset,
    'old-' || i AS message_id, 'message' AS event_type, 'a' AS from_user,
    (i % 50000)::VARCHAR AS to_user, 'What was said long ago, ' || i AS content,
    1 AS content_type, 1 AS message_type, created_at, created_at AS recorded_at
FROM (
    SELECT i, date_trunc('day', now()) - INTERVAL 90 DAY + to_milliseconds(i) AS created_at
    FROM range($rows) AS numbers(i)
)
"""
"""Below every offset there is."""
_WINDOW = """
INSERT INTO message_stats BY NAME
SELECT max(created_at) AS window_start, max(created_at) + INTERVAL 1 SECOND AS window_end,
    'message' AS event_type, 1 AS content_type, '' AS group_id,
    count(*) AS messages, count(DISTINCT from_user) AS senders,
    sum(strlen(content)) AS bytes, true AS closed, 0 AS revision
FROM messages
"""
"""It is later than all of them, so their windows are closed."""


def store_old_messages(file: Path, topic: str, rows: int) -> None:
    """One a millisecond from 90 days ago on, in three partitions of a topic that is read on.

    So a start has to find the newest messages of these partitions among so many others.
    """
    with contextlib.closing(duckdb.connect(file)) as database:
        database.execute("SET threads = 1")
        database.execute(_ROWS, {"topic": topic, "rows": rows})
        database.execute(_WINDOW)
