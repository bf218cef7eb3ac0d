-- title: {en: Latency by day, zh-CN: 每日延迟}
-- description: {en: "Seconds from acceptance to the last byte, ok requests", zh-CN: "成功请求从受理到最后一个字节的秒数"}
-- details:
--   en: >
--     Seconds from acceptance to the last byte, of ok requests. Percentiles are exact (nearest rank), never averaged;
--     over a few requests P95 and P99 are the slowest one.
--   zh-CN: >
--     成功请求从受理到最后一个字节的秒数。分位数为精确值（最近秩法），从不取平均；请求很少时，P95 与 P99 就是最慢的一次。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT DATE(local_at) AS day, total_seconds, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND status = 'ok' AND total_seconds IS NOT NULL
), ranked AS (
  SELECT day, total_seconds, weight,
         SUM(weight) OVER (PARTITION BY day ORDER BY total_seconds) AS rank_up_to,
         SUM(weight) OVER (PARTITION BY day) AS rank_of_all
  FROM calls
)
SELECT day,
       CAST(ROUND(SUM(weight)) AS BIGINT) AS ok_requests,
       MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 50 THEN total_seconds END) AS p50_seconds,
       MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 95 THEN total_seconds END) AS p95_seconds,
       MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 99 THEN total_seconds END) AS p99_seconds
FROM ranked
GROUP BY day
ORDER BY day
