-- title: {en: "Rows by day of the event", zh-CN: "按事件日的行数"}
-- description: {en: "Requests, heartbeats and marks; a day without a row is a hole", zh-CN: "请求、心跳与标记；没有行的一天为空缺"}
-- details:
--   en: >
--     Rows of each day of their events (UTC), kept by the loader in the transaction of the rows, with every day
--     between the first and the last one of the period: a day of 0 is a hole. Requests, heartbeats and marks
--     together, not weighted: these are lines. Marks and the running day are marked.
--   zh-CN: >
--     每个事件日（UTC）的行数，由加载器在写入行的同一事务中维护；列出首尾之间的每一天：0 表示空缺。请求、心跳与标记合计，不加权：这里数的是行。发布等标记和尚未结束的一天会标出。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
-- tags: [tts, pipeline]
WITH RECURSIVE counted AS (
  SELECT event_day AS day, SUM(n_rows) AS lines
  FROM ingest_day
  WHERE event_day BETWEEN DATE('{{ period.start }}') AND DATE('{{ period.end }}')
  GROUP BY event_day
), bounds AS (
  SELECT MIN(day) AS first_day, MAX(day) AS last_day FROM counted
), days (day) AS (
  SELECT first_day FROM bounds WHERE first_day IS NOT NULL
  UNION ALL
  SELECT days.day + 1 FROM days CROSS JOIN bounds WHERE days.day < bounds.last_day
), marks AS (
  SELECT local_at, kind || COALESCE(' ' || label, '') AS words
  FROM tts_mark
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
), marked AS (
  -- what is drawn on the trend: marks, and the day that is not over
  SELECT DATE(local_at) AS at, MIN(words) || CASE WHEN MAX(words) > MIN(words) THEN ', ' || MAX(words) ELSE '' END AS words
  FROM (
    SELECT local_at, words FROM marks
    UNION ALL
    SELECT DATE_TRUNC('day', NOW() AT TIME ZONE value), 'today, so far · 今天，还没结束' FROM setting WHERE name = 'report_timezone'
  ) AS told
  GROUP BY DATE(local_at)
)
SELECT days.day AS day, CAST(COALESCE(counted.lines, 0) AS BIGINT) AS lines,
       CASE WHEN counted.lines IS NULL OR counted.lines = 0 THEN 0 END AS hole,
       CASE WHEN marked.at IS NOT NULL THEN 1 END AS mark,
       marked.words AS mark_words
FROM days
LEFT JOIN counted ON counted.day = days.day
LEFT JOIN marked ON marked.at = days.day
ORDER BY days.day
