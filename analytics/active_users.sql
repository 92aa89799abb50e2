-- title: Active users of a day, 7 days and 30 days
-- every: 1d
-- span: 30d
-- output: parquet, csv, html
-- timeout: 300s
-- keep: 365d
-- chart: line x=day y=active_users color=period
-- description: A day and period: how many different people were online or sent a message on that day, in the 7 days and in the 30 days up to and including it, and how many of them sent one. The days before the span are looked up for it; the last day counts up to the end of the span.
WITH periods AS (
    SELECT p.days, p.period
    FROM (VALUES (1, 'day'), (7, '7 days'), (30, '30 days')) AS p(days, period)
),
reach AS (
    -- The periods of the first day begin 29 days before it.
    SELECT (date_trunc('day', $start AT TIME ZONE $timezone) - INTERVAL '29 days')
        AT TIME ZONE $timezone AS begins
),
changes AS (
    SELECT user_id, "at", sum(CASE WHEN status = 'online' THEN 1 ELSE -1 END) AS step
    FROM presence_changes
    WHERE "at" >= (SELECT begins FROM reach)
    GROUP BY user_id, "at"
),
steps AS (
    SELECT user_id, "at", step FROM changes
    UNION ALL
    -- Who was online before: who is now, with all changes since then taken back.
    SELECT p.user_id, r.begins, sum(p.step)
    FROM (
        SELECT user_id, CASE WHEN status = 'online' THEN 1 ELSE 0 END AS step FROM presence
        UNION ALL
        SELECT user_id, -step FROM changes
    ) p
    CROSS JOIN reach r
    GROUP BY p.user_id, r.begins
    HAVING sum(p.step) <> 0
),
instants AS (
    SELECT user_id, "at", sum(step) AS step FROM steps WHERE "at" < $end GROUP BY user_id, "at"
),
states AS (
    SELECT user_id, "at" AS since, lead("at", 1, $end) OVER person AS until,
        sum(step) OVER person AS online
    FROM instants
    WINDOW person AS (PARTITION BY user_id ORDER BY "at")
),
presences AS (
    SELECT s.user_id, CAST(g.day AS DATE) AS day
    FROM states s
    CROSS JOIN LATERAL generate_series(
        date_trunc('day', s.since AT TIME ZONE $timezone),
        (s.until - INTERVAL '1 microsecond') AT TIME ZONE $timezone,
        INTERVAL '1 day'
    ) AS g(day)
    WHERE s.online > 0
    UNION
    -- Somebody may come and go within one second.
    SELECT user_id, CAST("at" AT TIME ZONE $timezone AS DATE)
    FROM presence_changes
    WHERE status = 'online' AND "at" >= (SELECT begins FROM reach) AND "at" < $end
),
sent AS (
    SELECT DISTINCT from_user AS user_id, CAST(created_at AT TIME ZONE $timezone AS DATE) AS day
    FROM messages
    WHERE created_at >= (SELECT begins FROM reach) AND created_at < $end
        AND from_user IS NOT NULL
),
person_days AS (
    SELECT 'active' AS kind, user_id, day FROM presences
    UNION
    SELECT 'active', user_id, day FROM sent
    UNION ALL
    SELECT 'sender', user_id, day FROM sent
),
following AS (
    SELECT kind, day, next_day, count(*) AS people
    FROM (
        SELECT kind, day, lead(day) OVER (PARTITION BY kind, user_id ORDER BY day) AS next_day
        FROM person_days
    ) d
    GROUP BY kind, day, next_day
),
counts AS (
    -- A person's day counts until the period is over or the person's next day takes its place.
    SELECT p.days, f.kind, f.day, f.people AS step
    FROM following f CROSS JOIN periods p
    UNION ALL
    SELECT p.days, f.kind, least(f.day + p.days, f.next_day), -f.people
    FROM following f CROSS JOIN periods p
    UNION ALL
    SELECT p.days, 'calendar', CAST(g.day AS DATE), 0
    FROM periods p
    CROSS JOIN generate_series(
        date_trunc('day', $start AT TIME ZONE $timezone),
        ($end - INTERVAL '1 microsecond') AT TIME ZONE $timezone,
        INTERVAL '1 day'
    ) AS g(day)
),
daily AS (
    SELECT days, day,
        sum(CASE WHEN kind = 'active' THEN step ELSE 0 END) AS active,
        sum(CASE WHEN kind = 'sender' THEN step ELSE 0 END) AS senders
    FROM counts
    GROUP BY days, day
),
running AS (
    SELECT days, day, sum(active) OVER so_far AS active_users, sum(senders) OVER so_far AS senders
    FROM daily
    WINDOW so_far AS (PARTITION BY days ORDER BY day)
)
SELECT r.day, p.period, CAST(r.active_users AS BIGINT) AS active_users,
    CAST(r.senders AS BIGINT) AS senders
FROM running r JOIN periods p ON p.days = r.days
WHERE r.day >= CAST($start AT TIME ZONE $timezone AS DATE)
    AND r.day <= CAST(($end - INTERVAL '1 microsecond') AT TIME ZONE $timezone AS DATE)
ORDER BY r.day, r.days
