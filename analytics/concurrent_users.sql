-- title: Users online at the same time
-- every: 1h
-- span: 7d
-- output: parquet, csv, html
-- timeout: 60s
-- keep: 90d
-- chart: line x=hour y=peak
-- description: An hour: the most, the fewest and, weighted by time, the mean number of users who were online at once. Who was online when the span began counts from its first moment, and an hour without a change has the number of the one before.
WITH changes AS (
    SELECT "at", sum(CASE WHEN status = 'online' THEN 1 ELSE -1 END) AS step
    FROM presence_changes
    WHERE "at" >= $start
    GROUP BY "at"
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
steps AS (
    SELECT "at", step, CAST(NULL AS TIMESTAMPTZ) AS hour FROM changes WHERE "at" < $end
    UNION ALL
    SELECT greatest(hour, $start), 0, hour FROM hours
    UNION ALL
    -- Who was online before: who is now, with all changes since then taken back.
    SELECT $start, (SELECT count(*) FROM presence WHERE status = 'online')
        - (SELECT coalesce(sum(step), 0) FROM changes), NULL
),
instants AS (
    SELECT "at", sum(step) AS step, max(hour) AS hour FROM steps GROUP BY "at"
),
stretches AS (
    SELECT max(hour) OVER so_far AS hour, sum(step) OVER so_far AS users,
        CAST(extract(epoch FROM lead("at", 1, $end) OVER so_far - "at") AS DOUBLE PRECISION)
            AS seconds
    FROM instants
    WINDOW so_far AS (ORDER BY "at")
)
SELECT hour, CAST(max(users) AS BIGINT) AS peak, CAST(min(users) AS BIGINT) AS lowest,
    CAST(sum(users * seconds) / sum(seconds) AS DOUBLE PRECISION) AS mean
FROM stretches
WHERE hour IS NOT NULL
GROUP BY hour
ORDER BY hour
