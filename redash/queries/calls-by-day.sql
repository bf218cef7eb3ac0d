-- title: {en: Calls by day, zh-CN: 每日请求数}
-- description: {en: "Every request, by status", zh-CN: "全部请求，按状态"}
-- details:
--   en: >
--     Requests of each day of the report time zone by status, with the releases and other marks of the day. The day
--     that is not over is marked.
--   zh-CN: >
--     按报表时区的每一天、按状态统计的请求数，并标出当天的发布等标记。尚未结束的一天有标记。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT DATE(local_at) AS day, status, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), marked AS (
  -- what is drawn on the trend: marks, and the day that is not over
  SELECT DATE(local_at) AS at, MIN(words) || CASE WHEN MAX(words) > MIN(words) THEN ', ' || MAX(words) ELSE '' END AS words
  FROM (
    SELECT local_at, kind || COALESCE(' ' || label, '') AS words
    FROM tts_mark
    WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
      AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
    UNION ALL
    SELECT DATE_TRUNC('day', NOW() AT TIME ZONE value), 'today, so far · 今天，还没结束' FROM setting WHERE name = 'report_timezone'
  ) AS told
  GROUP BY DATE(local_at)
), sums AS (
  SELECT day, SUM(weight) AS requests,
         SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) AS ok,
         SUM(CASE WHEN status = 'rejected' THEN weight ELSE 0 END) AS rejected,
         SUM(CASE WHEN status = 'error' THEN weight ELSE 0 END) AS error,
         SUM(CASE WHEN status = 'timeout' THEN weight ELSE 0 END) AS timeout,
         SUM(CASE WHEN status = 'cancelled' THEN weight ELSE 0 END) AS cancelled
  FROM calls
  GROUP BY day
)
SELECT sums.day,
       CAST(ROUND(requests) AS BIGINT) AS requests,
       CAST(ROUND(ok) AS BIGINT) AS ok,
       CAST(ROUND(rejected) AS BIGINT) AS rejected,
       CAST(ROUND(error) AS BIGINT) AS error,
       CAST(ROUND(timeout) AS BIGINT) AS timeout,
       CAST(ROUND(cancelled) AS BIGINT) AS cancelled,
       CASE WHEN marked.at IS NOT NULL THEN CAST(ROUND(requests) AS BIGINT) END AS mark,
       marked.words AS mark_words
FROM sums LEFT JOIN marked ON marked.at = sums.day
ORDER BY sums.day
