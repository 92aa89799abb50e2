-- title: Time to the first answer in direct conversations
-- every: 1d
-- span: 30d
-- output: parquet, csv, html
-- timeout: 300s
-- keep: 365d
-- chart: line x=day y=median_seconds
-- description: A day: how many turns began in direct conversations, how many were answered in less than 24 hours, and the median and 90th percentile of the seconds from the first message of the turn to the first of the other one. A turn begins with a message that follows one of the other, none, or 24 hours of silence; the last day is settled a day later, because answers may still come. Stamps are whole seconds. Call signalling, groups, notes to oneself and event types other than message do not count.
WITH said AS (
    -- A day to either side: what came before decides where a turn begins, what came after answers.
    SELECT conversation_id, from_user, created_at, row_number() OVER talk AS place,
        lag(from_user) OVER talk AS before_by, lag(created_at) OVER talk AS before_at
    FROM messages
    WHERE created_at >= $start - INTERVAL '24 hours' AND created_at < $end + INTERVAL '24 hours'
        AND event_type = 'message' AND content_type NOT IN (6, 7)
        AND group_id IS NULL AND to_user <> from_user
    WINDOW talk AS (
        PARTITION BY conversation_id
        ORDER BY created_at, recorded_at, kafka_topic COLLATE "C", kafka_partition, kafka_offset
    )
),
turns AS (
    -- The turn after one of the same sender begins a day or more later, so it is no answer to it.
    SELECT created_at, lead(created_at) OVER talk AS next_at
    FROM said
    WHERE before_by IS NULL OR before_by <> from_user
        OR created_at - before_at >= INTERVAL '24 hours'
    WINDOW talk AS (PARTITION BY conversation_id ORDER BY place)
),
answers AS (
    SELECT CAST(created_at AT TIME ZONE $timezone AS DATE) AS day, 1 AS turns,
        CASE WHEN next_at - created_at < INTERVAL '24 hours'
            THEN CAST(extract(epoch FROM next_at - created_at) AS DOUBLE PRECISION)
        END AS seconds
    FROM turns
    WHERE created_at >= $start AND created_at < $end
    UNION ALL
    SELECT CAST(g.day AS DATE), 0, NULL
    FROM generate_series(
        date_trunc('day', $start AT TIME ZONE $timezone),
        ($end - INTERVAL '1 microsecond') AT TIME ZONE $timezone,
        INTERVAL '1 day'
    ) AS g(day)
)
SELECT day, CAST(sum(turns) AS BIGINT) AS turns, count(seconds) AS answered,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median_seconds,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) AS p90_seconds
FROM answers
GROUP BY day
ORDER BY day
