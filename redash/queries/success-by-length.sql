-- title: {en: Success by text length, zh-CN: 按文本长度统计的成功率}
-- description: {en: "ok of all requests, and faults of the service alone", zh-CN: "成功请求占全部请求的比例，以及只计服务自身故障的可用率"}
-- details:
--   en: How often it worked, by characters of the text. success_rate is ok of all requests; availability counts faults of the service alone.
--   zh-CN: 按文本字符数统计的成功情况。success_rate（成功率）为成功请求占全部请求的比例；availability（可用率）只计服务自身的故障。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT CASE WHEN text_chars < 50 THEN 'below 50' WHEN text_chars <= 150 THEN '50–150' ELSE 'above 150' END AS text_length, status, fault, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND text_chars IS NOT NULL
)
SELECT text_length,
       CAST(ROUND(SUM(weight)) AS BIGINT) AS requests,
       SUM(weight) / SUM(SUM(weight)) OVER () AS share,
       SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) / SUM(weight) AS success_rate,
       1 - SUM(CASE WHEN fault = 'service' THEN weight ELSE 0 END) / SUM(weight) AS availability
FROM calls
GROUP BY text_length
ORDER BY MIN(CASE text_length WHEN 'below 50' THEN 1 WHEN '50–150' THEN 2 ELSE 3 END)
