-- title: Who sends most
-- every: 1d
-- span: 7d
-- output: parquet, csv, html
-- timeout: 60s
-- keep: 90d
-- chart: bar x=user_id y=messages
-- description: One of the 50 people who sent most messages: how many, to people and to groups, in how many conversations, and the bytes of the files among them. Call signalling and event types other than message and group_message do not count; share is of all that count.
WITH totals AS (
    SELECT from_user, count(*) AS messages,
        count(*) FILTER (WHERE group_id IS NULL) AS direct_messages,
        count(*) FILTER (WHERE group_id IS NOT NULL) AS group_messages,
        count(DISTINCT conversation_id) AS conversations,
        CAST(coalesce(sum(file_size), 0) AS BIGINT) AS file_bytes
    FROM messages
    WHERE created_at >= $start AND created_at < $end
        AND event_type IN ('message', 'group_message') AND content_type NOT IN (6, 7)
    GROUP BY from_user
),
shares AS (
    SELECT *, CAST(messages AS DOUBLE PRECISION) / sum(messages) OVER () AS share FROM totals
)
SELECT from_user AS user_id, messages, CAST(share AS DOUBLE PRECISION) AS share,
    direct_messages, group_messages, conversations, file_bytes
FROM shares
WHERE from_user IS NOT NULL
ORDER BY messages DESC, from_user COLLATE "C"
LIMIT 50
