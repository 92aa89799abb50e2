-- title: What people send
-- every: 1d
-- span: 30d
-- output: parquet, csv, html
-- timeout: 120s
-- keep: 365d
-- chart: area x=day y=messages color=content
-- description: A day and content type: how many messages of it were sent, by how many people. Every stored message counts, under the number of the wire and its name; a type that occurs in the span has a row for every day of it.
WITH counted AS (
    SELECT CAST(created_at AT TIME ZONE $timezone AS DATE) AS day, content_type,
        count(*) AS messages, count(DISTINCT from_user) AS senders
    FROM messages
    WHERE created_at >= $start AND created_at < $end
    GROUP BY 1, 2
),
padded AS (
    SELECT day, content_type, messages, senders FROM counted
    UNION ALL
    SELECT CAST(g.day AS DATE), t.content_type, 0, 0
    FROM generate_series(
        date_trunc('day', $start AT TIME ZONE $timezone),
        ($end - INTERVAL '1 microsecond') AT TIME ZONE $timezone,
        INTERVAL '1 day'
    ) AS g(day)
    CROSS JOIN (SELECT DISTINCT content_type FROM counted) t
)
SELECT day, content_type,
    CASE content_type WHEN 1 THEN 'text' WHEN 2 THEN 'file' WHEN 3 THEN 'image' WHEN 4 THEN 'audio'
        WHEN 5 THEN 'video' WHEN 6 THEN 'voice call' WHEN 7 THEN 'video call' ELSE 'other'
    END AS content,
    CAST(sum(messages) AS BIGINT) AS messages, CAST(sum(senders) AS BIGINT) AS senders
FROM padded
GROUP BY day, content_type
ORDER BY day, content_type
