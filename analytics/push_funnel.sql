-- title: What becomes of pushes
-- every: 1h
-- span: 7d
-- output: parquet, csv, html
-- timeout: 120s
-- keep: 90d
-- chart: funnel x=pushes y=stage
-- description: A stage of pushes that were decided in the span: candidates (a message and a recipient who was not online), sent by decision, delivered to the provider, failed (rejected, expired or overflow) and pending, whose outcome is not known yet; share is of the candidates. Candidates that were not sent are in push_suppressions.
WITH fates AS (
    SELECT count(*) AS candidates,
        count(*) FILTER (WHERE d.decision = 'sent') AS sent,
        count(*) FILTER (WHERE d.decision = 'sent' AND o.outcome = 'delivered') AS delivered,
        count(*) FILTER (WHERE d.decision = 'sent' AND o.outcome <> 'delivered') AS failed,
        count(*) FILTER (WHERE d.decision = 'sent' AND o.outcome IS NULL) AS pending
    FROM push_decisions d
    LEFT JOIN push_deliveries o ON o.kafka_topic = d.kafka_topic
        AND o.kafka_partition = d.kafka_partition AND o.kafka_offset = d.kafka_offset
        AND o.user_id = d.user_id
        -- An outcome follows its decision; a day for a clock that was set back in between.
        AND o."at" >= $start - INTERVAL '24 hours'
    WHERE d.decided_at >= $start AND d.decided_at < $end
),
stages AS (
    SELECT s.number, s.stage, CASE s.number WHEN 1 THEN f.candidates WHEN 2 THEN f.sent
        WHEN 3 THEN f.delivered WHEN 4 THEN f.failed ELSE f.pending END AS pushes, f.candidates
    FROM fates f
    CROSS JOIN (VALUES (1, 'candidates'), (2, 'sent'), (3, 'delivered'), (4, 'failed'),
        (5, 'pending')) AS s(number, stage)
)
SELECT stage, pushes, CAST(pushes AS DOUBLE PRECISION) / nullif(candidates, 0) AS share
FROM stages
ORDER BY number
