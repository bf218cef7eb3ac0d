-- title: {en: Errors by code, zh-CN: 按错误码统计的错误}
-- description: {en: "Requests that were not ok, by whose fault it was", zh-CN: "未成功的请求，按责任方"}
-- details: {en: "Requests that were not ok, by error code, and whose fault it was.", zh-CN: 未成功的请求，按错误码与责任方统计。}
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
-- tags: [tts]
-- may_be_empty: true
SELECT COALESCE(error_code, 'UNKNOWN') AS error_code, COALESCE(fault, 'unknown') AS fault,
       CAST(ROUND(SUM(COALESCE(sample_weight, 1.0))) AS BIGINT) AS requests,
       MAX(local_at) AS newest_at
FROM tts_request
WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
  AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
      BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
          AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
  AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
  AND status <> 'ok'
GROUP BY COALESCE(error_code, 'UNKNOWN'), COALESCE(fault, 'unknown')
ORDER BY requests DESC, error_code, fault
