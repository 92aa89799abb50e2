-- title: From the chat server to Kafka
-- every: 1h
-- span: 7d
-- output: parquet, csv, html
-- timeout: 120s
-- keep: 90d
-- chart: line x=hour y=p95_seconds
-- description: An hour: the percentiles of the seconds between the server's stamp of a message and Kafka's record timestamp. The server's stamp has whole seconds, so every delay looks up to a second longer than it was, half a second on average. A negative one says that the clocks differ: ahead counts the messages that were recorded before they were stamped, and furthest_ahead_seconds is the largest such lead. A message whose event had no stamp has a delay of 0.
WITH delays AS (
    SELECT created_at, created_at AT TIME ZONE $timezone AS local,
        CAST(extract(epoch FROM recorded_at - created_at) AS DOUBLE PRECISION) AS seconds
    FROM messages
    WHERE created_at >= $start AND created_at < $end
)
SELECT created_at - (local - date_trunc('hour', local)) AS hour, count(*) AS messages,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50_seconds,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95_seconds,
    percentile_cont(0.99) WITHIN GROUP (ORDER BY seconds) AS p99_seconds,
    count(*) FILTER (WHERE seconds < 0) AS ahead,
    max(CASE WHEN seconds < 0 THEN -seconds ELSE 0 END) AS furthest_ahead_seconds
FROM delays
GROUP BY 1
ORDER BY 1
