-- title: {en: Calls by day, zh-CN: 每日请求数}
-- description: {en: "Every request, by status", zh-CN: "全部请求，按状态"}
-- details:
--   en: Requests of each day by status. Days are days of the report time zone; the running day is not over yet.
--   zh-CN: 按状态统计的每日请求数。日期按报表时区划分；当天尚未结束。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
-- tags: [tts]
SELECT DATE(local_at) AS day, status, CAST(ROUND(SUM(COALESCE(sample_weight, 1.0))) AS BIGINT) AS requests
FROM tts_request
WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
  AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
      BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
          AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
  AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
GROUP BY DATE(local_at), status
ORDER BY day, status
