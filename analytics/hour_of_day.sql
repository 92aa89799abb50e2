-- title: When people write
-- every: 1d
-- span: 28d
-- output: parquet, csv, html
-- timeout: 120s
-- keep: 90d
-- chart: heatmap x=hour y=weekday color=messages_per_hour
-- description: A weekday and hour on the clock of the time zone: the messages sent then, how often the clock showed that hour in the span, and the messages each time. An hour that daylight saving repeats occurs twice, one that it leaves out does not occur. Call signalling and event types other than message and group_message do not count.
WITH sent AS (
    SELECT created_at AT TIME ZONE $timezone AS local
    FROM messages
    WHERE created_at >= $start AND created_at < $end
        AND event_type IN ('message', 'group_message') AND content_type NOT IN (6, 7)
),
shown AS (
    SELECT g.hour AT TIME ZONE $timezone AS local
    FROM generate_series(
        $start - (($start AT TIME ZONE $timezone)
            - date_trunc('hour', $start AT TIME ZONE $timezone)),
        $end - INTERVAL '1 microsecond',
        INTERVAL '1 hour'
    ) AS g(hour)
),
marked AS (
    SELECT local, 1 AS messages, 0 AS occurrences FROM sent
    UNION ALL
    SELECT local, 0, 1 FROM shown
),
totals AS (
    SELECT CAST(extract(isodow FROM local) AS INTEGER) AS weekday_number,
        CAST(extract(hour FROM local) AS INTEGER) AS hour,
        sum(messages) AS messages, sum(occurrences) AS occurrences
    FROM marked
    GROUP BY 1, 2
),
weekdays AS (
    SELECT w.weekday_number, w.weekday
    FROM (VALUES (1, 'Monday'), (2, 'Tuesday'), (3, 'Wednesday'), (4, 'Thursday'), (5, 'Friday'),
        (6, 'Saturday'), (7, 'Sunday')) AS w(weekday_number, weekday)
)
SELECT w.weekday_number, w.weekday, CAST(h.hour AS INTEGER) AS hour,
    CAST(coalesce(t.messages, 0) AS BIGINT) AS messages,
    CAST(coalesce(t.occurrences, 0) AS BIGINT) AS occurrences,
    CAST(t.messages AS DOUBLE PRECISION) / nullif(t.occurrences, 0) AS messages_per_hour
FROM weekdays w
CROSS JOIN generate_series(0, 23) AS h(hour)
LEFT JOIN totals t ON t.weekday_number = w.weekday_number AND t.hour = h.hour
ORDER BY w.weekday_number, h.hour
