-- title: How long pushes take
-- every: 1h
-- span: 7d
-- output: parquet, csv, html
-- timeout: 120s
-- keep: 90d
-- chart: line x=hour y=p95_seconds
-- description: An hour in which pushes that reached the provider were decided: how many, how many of them needed more than one attempt, and the median, 95th percentile and longest time in seconds from the decision to the delivery. An hour without any has no row.
WITH delivered AS (
    SELECT d.decided_at, d.decided_at AT TIME ZONE $timezone AS local, o.attempts,
        CAST(extract(epoch FROM o."at" - d.decided_at) AS DOUBLE PRECISION) AS seconds
    FROM push_decisions d
    JOIN push_deliveries o ON o.kafka_topic = d.kafka_topic
        AND o.kafka_partition = d.kafka_partition AND o.kafka_offset = d.kafka_offset
        AND o.user_id = d.user_id
        -- A delivery follows its decision; a day for a clock that was set back in between.
        AND o."at" >= $start - INTERVAL '24 hours'
    WHERE d.decided_at >= $start AND d.decided_at < $end AND o.outcome = 'delivered'
)
SELECT decided_at - (local - date_trunc('hour', local)) AS hour, count(*) AS delivered,
    count(*) FILTER (WHERE attempts > 1) AS retried,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median_seconds,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95_seconds,
    max(seconds) AS longest_seconds
FROM delivered
GROUP BY 1
ORDER BY 1
