-- title: How many new users come back
-- every: 7d
-- span: 84d
-- output: parquet, csv, html
-- timeout: 600s
-- keep: 730d
-- chart: heatmap x=weeks_later y=first_week color=share
-- description: A first week and a number of weeks later: of the people who were first seen in that week, how many were active in the later one, and their share. Seen and active is who was online or sent a message. Weeks begin on Monday; only whole weeks of the span count, and a week without new people has no rows. In the first week of the data everybody is new.
WITH weeks AS (
    SELECT CAST(g.week AS DATE) AS week
    FROM generate_series(
        date_trunc('week',
            ($start AT TIME ZONE $timezone) + INTERVAL '7 days' - INTERVAL '1 microsecond'),
        ($end AT TIME ZONE $timezone) - INTERVAL '7 days',
        INTERVAL '7 days'
    ) AS g(week)
),
sent AS (
    SELECT from_user AS user_id,
        CAST(date_trunc('week', created_at AT TIME ZONE $timezone) AS DATE) AS week
    FROM messages
    WHERE created_at < $end AND from_user IS NOT NULL
    GROUP BY 1, 2
),
reach AS (
    SELECT min("at") AS begins FROM presence_changes
),
changes AS (
    SELECT user_id, "at", sum(CASE WHEN status = 'online' THEN 1 ELSE -1 END) AS step
    FROM presence_changes
    GROUP BY user_id, "at"
),
steps AS (
    SELECT user_id, "at", step FROM changes
    UNION ALL
    -- Who was online before the oldest change that is kept: who is now, with all taken back.
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
person_weeks AS (
    SELECT user_id, week FROM sent
    UNION
    SELECT s.user_id, CAST(g.week AS DATE)
    FROM states s
    CROSS JOIN LATERAL generate_series(
        date_trunc('week', s.since AT TIME ZONE $timezone),
        (s.until - INTERVAL '1 microsecond') AT TIME ZONE $timezone,
        INTERVAL '7 days'
    ) AS g(week)
    WHERE s.online > 0
    UNION
    -- Somebody may come and go within one second.
    SELECT user_id, CAST(date_trunc('week', "at" AT TIME ZONE $timezone) AS DATE)
    FROM presence_changes
    WHERE status = 'online' AND "at" < $end
),
firsts AS (
    SELECT user_id, min(week) AS first_week FROM person_weeks GROUP BY user_id
),
sizes AS (
    SELECT first_week, count(*) AS new_users FROM firsts GROUP BY first_week
),
returns AS (
    SELECT f.first_week, p.week, count(*) AS active_users
    FROM firsts f JOIN person_weeks p ON p.user_id = f.user_id
    GROUP BY f.first_week, p.week
)
SELECT s.first_week, CAST((w.week - s.first_week) / 7 AS INTEGER) AS weeks_later, s.new_users,
    coalesce(r.active_users, 0) AS active_users,
    CAST(coalesce(r.active_users, 0) AS DOUBLE PRECISION) / s.new_users AS share
FROM sizes s
JOIN weeks c ON c.week = s.first_week
JOIN weeks w ON w.week >= s.first_week
LEFT JOIN returns r ON r.first_week = s.first_week AND r.week = w.week
ORDER BY s.first_week, w.week
