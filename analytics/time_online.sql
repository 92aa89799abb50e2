-- title: How long people are online
-- every: 1d
-- span: 30d
-- output: parquet, csv, html
-- timeout: 300s
-- keep: 365d
-- chart: line x=day y=median_minutes
-- description: A day: how many people were online for any time of it, and for how many minutes altogether, as mean, median and 90th percentile. Several devices of a person count once; time before and after midnight belongs to its own day.
WITH changes AS (
    SELECT user_id, "at", sum(CASE WHEN status = 'online' THEN 1 ELSE -1 END) AS step
    FROM presence_changes
    WHERE "at" >= $start
    GROUP BY user_id, "at"
),
steps AS (
    SELECT user_id, "at", step FROM changes WHERE "at" < $end
    UNION ALL
    -- Who was online before: who is now, with all changes since then taken back.
    SELECT user_id, $start, sum(step)
    FROM (
        SELECT user_id, CASE WHEN status = 'online' THEN 1 ELSE 0 END AS step FROM presence
        UNION ALL
        SELECT user_id, -step FROM changes
    ) p
    GROUP BY user_id
    HAVING sum(step) <> 0
),
instants AS (
    SELECT user_id, "at", sum(step) AS step FROM steps GROUP BY user_id, "at"
),
states AS (
    SELECT user_id, "at" AS since, lead("at", 1, $end) OVER person AS until,
        sum(step) OVER person AS online
    FROM instants
    WINDOW person AS (PARTITION BY user_id ORDER BY "at")
),
days AS (
    -- From half hours, because a clock that is changed at midnight shows it twice or never.
    SELECT CAST(g.half AT TIME ZONE $timezone AS DATE) AS day, min(g.half) AS begins,
        max(g.half) + INTERVAL '30 minutes' AS ends
    FROM generate_series(
        $start - (($start AT TIME ZONE $timezone)
            - date_trunc('hour', $start AT TIME ZONE $timezone)),
        $end - INTERVAL '1 microsecond',
        INTERVAL '30 minutes'
    ) AS g(half)
    GROUP BY 1
),
person_days AS (
    SELECT d.day, s.user_id,
        CAST(sum(extract(epoch FROM least(s.until, d.ends) - greatest(s.since, d.begins)))
            AS DOUBLE PRECISION) / 60 AS minutes
    FROM states s
    CROSS JOIN LATERAL generate_series(
        date_trunc('day', s.since AT TIME ZONE $timezone),
        (s.until - INTERVAL '1 microsecond') AT TIME ZONE $timezone,
        INTERVAL '1 day'
    ) AS g(day)
    JOIN days d ON d.day = CAST(g.day AS DATE)
    WHERE s.online > 0
    GROUP BY d.day, s.user_id
)
SELECT d.day, count(p.user_id) AS users, avg(p.minutes) AS mean_minutes,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY p.minutes) AS median_minutes,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY p.minutes) AS p90_minutes
FROM days d LEFT JOIN person_days p ON p.day = d.day
GROUP BY d.day
ORDER BY d.day
