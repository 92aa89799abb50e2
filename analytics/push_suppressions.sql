-- title: Why pushes were not sent
-- every: 1d
-- span: 30d
-- output: parquet, csv, html
-- timeout: 120s
-- keep: 365d
-- chart: bar x=day y=decisions color=reason
-- description: A day and reason: how many candidates were not sent a push for it, and their share of all candidates of the day, those who were sent one included. The day is the one of the decision.
WITH totals AS (
    SELECT CAST(decided_at AT TIME ZONE $timezone AS DATE) AS day, decision, reason,
        count(*) AS decisions
    FROM push_decisions
    WHERE decided_at >= $start AND decided_at < $end
    GROUP BY 1, 2, 3
),
shares AS (
    SELECT day, decision, reason, decisions,
        CAST(decisions AS DOUBLE PRECISION) / sum(decisions) OVER (PARTITION BY day) AS share
    FROM totals
)
SELECT day, reason, decisions, CAST(share AS DOUBLE PRECISION) AS share
FROM shares
WHERE decision = 'suppressed'
ORDER BY day, reason COLLATE "C"
