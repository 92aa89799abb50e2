-- title: How much is sent in files
-- every: 1d
-- span: 30d
-- output: parquet, csv, html
-- timeout: 120s
-- keep: 365d
-- chart: bar x=day y=bytes color=content
-- description: A day and content type: how many messages brought a file inside them, and its bytes altogether, as median and at most. A message that only names a file, and leaves it elsewhere, has no bytes and does not count.
SELECT CAST(created_at AT TIME ZONE $timezone AS DATE) AS day, content_type,
    CASE content_type WHEN 1 THEN 'text' WHEN 2 THEN 'file' WHEN 3 THEN 'image' WHEN 4 THEN 'audio'
        WHEN 5 THEN 'video' WHEN 6 THEN 'voice call' WHEN 7 THEN 'video call' ELSE 'other'
    END AS content,
    count(*) AS files, CAST(sum(file_size) AS BIGINT) AS bytes,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY CAST(file_size AS DOUBLE PRECISION))
        AS median_bytes,
    max(file_size) AS largest_bytes
FROM messages
WHERE created_at >= $start AND created_at < $end AND file_size IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2
