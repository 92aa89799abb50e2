-- title: Active conversations
-- every: 1d
-- span: 30d
-- output: parquet, csv, html
-- timeout: 120s
-- keep: 365d
-- chart: line x=day y=conversations color=kind
-- description: A day and kind, direct or group: in how many conversations something was written, how many messages, by how many people, and the messages per conversation. Call signalling and event types other than message and group_message do not count.
WITH sent AS (
    SELECT CAST(created_at AT TIME ZONE $timezone AS DATE) AS day,
        CASE WHEN group_id IS NULL THEN 'direct' ELSE 'group' END AS kind,
        conversation_id, from_user
    FROM messages
    WHERE created_at >= $start AND created_at < $end
        AND event_type IN ('message', 'group_message') AND content_type NOT IN (6, 7)
),
padded AS (
    SELECT day, kind, conversation_id, from_user, 1 AS messages FROM sent
    UNION ALL
    SELECT CAST(g.day AS DATE), k.kind, NULL, NULL, 0
    FROM generate_series(
        date_trunc('day', $start AT TIME ZONE $timezone),
        ($end - INTERVAL '1 microsecond') AT TIME ZONE $timezone,
        INTERVAL '1 day'
    ) AS g(day)
    CROSS JOIN (VALUES ('direct'), ('group')) AS k(kind)
),
totals AS (
    SELECT day, kind, count(DISTINCT conversation_id) AS conversations,
        CAST(sum(messages) AS BIGINT) AS messages, count(DISTINCT from_user) AS senders
    FROM padded
    GROUP BY day, kind
)
SELECT day, kind, conversations, messages, senders,
    CAST(messages AS DOUBLE PRECISION) / nullif(conversations, 0) AS messages_per_conversation
FROM totals
ORDER BY day, kind COLLATE "C"
