-- title: {en: Success by day, zh-CN: 每日成功率}
-- description: {en: "Success is ok of all requests; availability counts faults of the service alone", zh-CN: "成功率为成功请求占全部请求的比例；可用率只计服务自身的故障"}
-- details:
--   en: success_rate is ok of all requests, as everybody counts it; availability counts faults of the service alone, so a client's empty text is no outage.
--   zh-CN: success_rate（成功率）为成功请求占全部请求的比例，即通行算法；availability（可用率）只计服务自身的故障，因此客户端提交空文本不算服务中断。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT DATE(local_at) AS day, status, fault, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
)
SELECT day,
       CAST(ROUND(SUM(weight)) AS BIGINT) AS requests,
       SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) / SUM(weight) AS success_rate,
       1 - SUM(CASE WHEN fault = 'service' THEN weight ELSE 0 END) / SUM(weight) AS availability
FROM calls
GROUP BY day
ORDER BY day
