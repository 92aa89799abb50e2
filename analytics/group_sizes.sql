-- title: Groups by the people who write in them
-- every: 1d
-- span: 30d
-- output: parquet, csv, html
-- timeout: 120s
-- keep: 365d
-- chart: bar x=senders y=groups
-- description: A class of groups by how many different people wrote in them during the span: the number of groups, their messages and their share of all messages to groups. Members who only read are not known to the tables. Call signalling and event types other than message and group_message do not count.
WITH groups_seen AS (
    SELECT group_id, count(*) AS messages, count(DISTINCT from_user) AS senders
    FROM messages
    WHERE created_at >= $start AND created_at < $end AND group_id IS NOT NULL
        AND event_type IN ('message', 'group_message') AND content_type NOT IN (6, 7)
    GROUP BY group_id
),
classes AS (
    SELECT c.least_senders, c.most_senders, c.senders
    FROM (VALUES (0, 1, '0 or 1'), (2, 5, '2 to 5'), (6, 20, '6 to 20'), (21, 100, '21 to 100'),
        (101, 2147483647, 'more than 100')) AS c(least_senders, most_senders, senders)
),
totals AS (
    SELECT c.least_senders, c.senders, count(s.group_id) AS group_count,
        coalesce(sum(s.messages), 0) AS messages
    FROM classes c
    LEFT JOIN groups_seen s ON s.senders BETWEEN c.least_senders AND c.most_senders
    GROUP BY c.least_senders, c.senders
)
SELECT senders, group_count AS "groups", CAST(messages AS BIGINT) AS messages,
    CAST(messages AS DOUBLE PRECISION)
        / nullif(CAST(sum(messages) OVER () AS DOUBLE PRECISION), 0) AS share
FROM totals
ORDER BY least_senders
