-- title: Messages per hour by type
-- every: 1h
-- span: 7d
-- output: parquet, csv, html
-- timeout: 60s
-- keep: 90d
-- chart: line x=hour y=messages color=event_type
-- description: An hour and event type: how many messages of it were sent, by how many people. Every stored message counts, call signalling too, by the server's stamp; an hour without any has a row with zeros.
WITH sent AS (
    SELECT created_at, event_type, from_user, created_at AT TIME ZONE $timezone AS local
    FROM messages
    WHERE created_at >= $start AND created_at < $end
),
counted AS (
    -- An hour is the instant at which it begins, so the hour that a clock shows twice is two.
    SELECT created_at - (local - date_trunc('hour', local)) AS hour, event_type,
        count(*) AS messages, count(DISTINCT from_user) AS senders
    FROM sent
    GROUP BY 1, 2
),
hours AS (
    SELECT g.hour
    FROM generate_series(
        $start - (($start AT TIME ZONE $timezone)
            - date_trunc('hour', $start AT TIME ZONE $timezone)),
        $end - INTERVAL '1 microsecond',
        INTERVAL '1 hour'
    ) AS g(hour)
),
padded AS (
    SELECT hour, event_type, messages, senders FROM counted
    UNION ALL
    SELECT h.hour, t.event_type, 0, 0
    FROM hours h CROSS JOIN (SELECT DISTINCT event_type FROM counted) t
)
SELECT hour, event_type, CAST(sum(messages) AS BIGINT) AS messages,
    CAST(sum(senders) AS BIGINT) AS senders
FROM padded
GROUP BY hour, event_type
ORDER BY hour, event_type COLLATE "C"
