-- title: Dead letters by reason and topic
-- every: 1h
-- span: 30d
-- output: parquet, csv, html
-- timeout: 60s
-- keep: 365d
-- chart: bar x=day y=dead_letters color=reason
-- description: A day, topic and reason: how many records could not be understood for it, and from how many partitions. The day is the one of the record timestamp; a day without any has no row.
SELECT CAST("at" AT TIME ZONE $timezone AS DATE) AS day, kafka_topic AS topic, reason,
    count(*) AS dead_letters, count(DISTINCT kafka_partition) AS partitions
FROM dead_letters
WHERE "at" >= $start AND "at" < $end
GROUP BY 1, 2, 3
ORDER BY 1, kafka_topic COLLATE "C", reason COLLATE "C"
