-- title: The busiest moments
-- every: 1h
-- span: 7d
-- output: parquet, csv, html
-- timeout: 60s
-- keep: 90d
-- chart: table
-- description: One of the 20 windows of message_stats with most messages a second: its begin and end, its messages, their rate, the bytes of text and files, and to how many groups they went. Every stored message counts; windows have the length that stats.window_length had when they were counted.
WITH totals AS (
    SELECT window_start, window_end, sum(messages) AS messages, sum(bytes) AS bytes,
        count(DISTINCT group_id) FILTER (WHERE group_id <> '') AS active_groups
    FROM message_stats
    WHERE window_start >= $start AND window_start < $end
    GROUP BY window_start, window_end
),
rates AS (
    SELECT window_start, window_end, CAST(messages AS BIGINT) AS messages,
        CAST(messages AS DOUBLE PRECISION)
            / CAST(extract(epoch FROM window_end - window_start) AS DOUBLE PRECISION)
            AS messages_per_second,
        CAST(bytes AS BIGINT) AS bytes, active_groups
    FROM totals
)
SELECT window_start, window_end, messages, messages_per_second, bytes, active_groups
FROM rates
ORDER BY messages_per_second DESC, window_start, window_end
LIMIT 20
