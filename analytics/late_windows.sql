-- title: Windows that were counted anew
-- every: 1d
-- span: 30d
-- output: parquet, csv, html
-- timeout: 60s
-- keep: 365d
-- chart: line x=day y=share
-- description: A day: how many rows of message_stats are closed, how many of them late messages have revised, their share, and the most revisions of a row. Many revisions say that stats.allowed_lateness is too short for this chat. A day without closed rows has no row.
SELECT CAST(window_start AT TIME ZONE $timezone AS DATE) AS day, count(*) AS closed,
    count(*) FILTER (WHERE revision > 0) AS revised,
    CAST(count(*) FILTER (WHERE revision > 0) AS DOUBLE PRECISION) / count(*) AS share,
    max(revision) AS most_revisions
FROM message_stats
WHERE window_start >= $start AND window_start < $end AND closed
GROUP BY 1
ORDER BY 1
