-- title: {en: Errors by day, zh-CN: 每日错误}
-- details:
--   en: >
--     Success (ok of all requests), availability (faults of the service alone) and what failed by whose fault it
--     was, for each day of the report time zone, with the releases and other marks of the day. The day that is not
--     over is marked.
--   zh-CN: >
--     按报表时区的每一天：成功率（ok 占全部请求）、可用性（只计服务自身故障）以及按责任方统计的失败请求，并标出当天的发布等标记。尚未结束的一天有标记。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT DATE(local_at) AS day, status, fault, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), marked AS (
  -- what is drawn on the trend: marks, and the day that is not over
  SELECT DATE(local_at) AS at, MIN(words) || CASE WHEN COUNT(*) > 1 THEN ', ' || MAX(words) ELSE '' END AS words
  FROM (
    SELECT local_at, kind || ' ' || label AS words
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
         SUM(CASE WHEN fault = 'service' THEN weight ELSE 0 END) AS service_faults,
         SUM(CASE WHEN fault = 'client' THEN weight ELSE 0 END) AS client_faults,
         SUM(CASE WHEN fault = 'cancelled' THEN weight ELSE 0 END) AS cancelled
  FROM calls
  GROUP BY day
)
SELECT sums.day,
       CAST(ROUND(requests) AS BIGINT) AS requests,
       ok / requests AS success_rate,
       1 - service_faults / requests AS availability,
       CAST(ROUND(service_faults) AS BIGINT) AS service_faults,
       CAST(ROUND(client_faults) AS BIGINT) AS client_faults,
       CAST(ROUND(cancelled) AS BIGINT) AS cancelled,
       CASE WHEN marked.at IS NOT NULL THEN 1 END AS mark,
       marked.words AS mark_words
FROM sums LEFT JOIN marked ON marked.at = sums.day
ORDER BY sums.day
