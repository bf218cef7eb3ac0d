-- title: {en: Latency by text length, zh-CN: 按文本长度统计的延迟}
-- description:
--   en: >
--     Seconds from acceptance to the last byte, of ok requests, by characters of the text: below 50, 50 to 150, above
--     150. Percentiles are exact (nearest rank).
--   zh-CN: >
--     成功请求从受理到最后一个字节的秒数，按文本字符数分组：50 以下、50 至 150、150 以上。分位数为精确值（最近秩法）。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT CASE WHEN text_chars < 50 THEN 'below 50' WHEN text_chars <= 150 THEN '50–150' ELSE 'above 150' END AS text_length, total_seconds, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND status = 'ok' AND total_seconds IS NOT NULL
    AND text_chars IS NOT NULL
), ranked AS (
  SELECT text_length, total_seconds, weight,
         SUM(weight) OVER (PARTITION BY text_length ORDER BY total_seconds) AS rank_up_to,
         SUM(weight) OVER (PARTITION BY text_length) AS rank_of_all
  FROM calls
)
SELECT text_length,
       CAST(ROUND(SUM(weight)) AS BIGINT) AS ok_requests,
       MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 50 THEN total_seconds END) AS p50_seconds,
       MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 95 THEN total_seconds END) AS p95_seconds,
       MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 99 THEN total_seconds END) AS p99_seconds
FROM ranked
GROUP BY text_length
ORDER BY MIN(CASE text_length WHEN 'below 50' THEN 1 WHEN '50–150' THEN 2 ELSE 3 END)
