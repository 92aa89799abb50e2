-- title: The busiest groups
-- every: 1d
-- span: 7d
-- output: parquet, csv, html
-- timeout: 60s
-- keep: 90d
-- chart: bar x=group_id y=messages
-- description: One of the 50 groups with most messages: how many, by how many people, how many each of them sent on average, and when the last one was sent. Call signalling and event types other than message and group_message do not count; share is of all messages to groups that count.
WITH totals AS (
    SELECT group_id, count(*) AS messages, count(DISTINCT from_user) AS senders,
        count(from_user) AS signed, max(created_at) AS last_message_at
    FROM messages
    WHERE created_at >= $start AND created_at < $end AND group_id IS NOT NULL
        AND event_type IN ('message', 'group_message') AND content_type NOT IN (6, 7)
    GROUP BY group_id
)
SELECT group_id, messages,
    CAST(CAST(messages AS DOUBLE PRECISION) / sum(messages) OVER () AS DOUBLE PRECISION) AS share,
    senders, CAST(signed AS DOUBLE PRECISION) / nullif(senders, 0) AS messages_per_sender,
    last_message_at
FROM totals
ORDER BY messages DESC, group_id COLLATE "C"
LIMIT 50
