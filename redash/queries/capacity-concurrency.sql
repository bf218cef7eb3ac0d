-- title: {en: Concurrency by hour, zh-CN: 每小时并发}
-- description: {en: "Requests in the service on average, and the most that one met on arrival", zh-CN: "服务中平均的请求数，以及到达时遇到的最大值"}
-- details:
--   en: >
--     There on average: seconds that requests spent in the service, over the seconds of the hour (Little's law).
--     Most at work and most waiting: the largest in_flight and queue_depth that a request met on arrival. Marks of
--     the period (the newest six) and the day that is not over are upright lines, named in the legend.
--   zh-CN: >
--     there on average：请求在服务中停留的秒数除以一小时的秒数（利特尔法则）。most at work 与 most waiting：请求到达时遇到的最大 in_flight 与 queue_depth。时间段内的标记（最新六个）和尚未结束的一天以竖线表示，名称见图例。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT DATE_TRUNC('hour', local_at) AS hour_at, total_seconds * COALESCE(sample_weight, 1.0) AS there_seconds, in_flight, queue_depth
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), hours AS (
  SELECT TO_CHAR(hour_at, 'YYYY-MM-DD"T"HH24:MI:SS') AS at, COUNT(*) AS n, SUM(there_seconds) / 3600 AS mean_there, MAX(in_flight) AS most_in_flight, MAX(queue_depth) AS most_waiting
  FROM calls
  GROUP BY hour_at
), shown AS (
  SELECT at, 'there on average' AS series, mean_there AS value, n FROM hours WHERE mean_there IS NOT NULL
  UNION ALL
  SELECT at, 'most at work', most_in_flight, n FROM hours WHERE most_in_flight IS NOT NULL
  UNION ALL
  SELECT at, 'most waiting', most_waiting, n FROM hours WHERE most_waiting IS NOT NULL
), marked AS (
  -- upright lines, a second wide, since Redash adds up what has the same second: the newest marks, and the day that is not over
  SELECT at, words
  FROM (
    SELECT TO_CHAR(MIN(local_at), 'YYYY-MM-DD"T"HH24:MI:SS') AS at, kind || ' ' || label AS words
    FROM tts_mark
    WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
      AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
    GROUP BY kind || ' ' || label
    ORDER BY MIN(local_at) DESC
    LIMIT 6
  ) AS newest
  UNION ALL
  SELECT at, 'today, so far · 今天，还没结束'
  FROM (SELECT TO_CHAR(NOW() AT TIME ZONE value, 'YYYY-MM-DD"T"00:00:00') AS at FROM setting WHERE name = 'report_timezone') AS clock
  WHERE at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}', ' ', 'T')
), told AS (
  SELECT at, series, value, n FROM shown
  UNION ALL
  SELECT SUBSTR(at, 1, 17) || '00', words, 0, NULL FROM marked WHERE EXISTS (SELECT 1 FROM shown)
  UNION ALL
  SELECT SUBSTR(at, 1, 17) || '01', words, (SELECT MAX(value) FROM shown), NULL FROM marked WHERE EXISTS (SELECT 1 FROM shown)
  UNION ALL
  SELECT at, 'these lines have no queue_depth and no in_flight · 这些行没有 queue_depth 和 in_flight', 0, NULL
  FROM (SELECT REPLACE('{{ period.start }}', ' ', 'T') AS at UNION ALL SELECT REPLACE('{{ period.end }}', ' ', 'T')) AS ends
  WHERE EXISTS (SELECT 1 FROM hours) AND NOT EXISTS (SELECT 1 FROM hours WHERE most_in_flight IS NOT NULL)
)
SELECT at, series, value, n
FROM told
ORDER BY at, series
