-- title: {en: Totals, zh-CN: 总计}
-- details:
--   en: >
--     One row for the whole period. success_rate is ok of all requests, as everybody counts it; availability counts
--     faults of the service alone. Percentiles are exact (nearest rank) over ok requests; rtf is the sum of synthesis
--     seconds over the sum of audio seconds of ok requests that have both.
--   zh-CN: >
--     整个时间段的一行汇总。success_rate（成功率）为成功请求占全部请求的比例，即通行算法；availability（可用率）只计服务自身的故障。分位数为成功请求的精确值（最近秩法）；rtf（实时率）为两者俱全的成功请求的合成秒数之和除以音频秒数之和。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT status, fault, total_seconds, synthesis_seconds, audio_seconds, text_chars, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
), ranked AS (
  SELECT total_seconds,
         SUM(weight) OVER (ORDER BY total_seconds) AS rank_up_to,
         SUM(weight) OVER () AS rank_of_all
  FROM calls
  WHERE status = 'ok' AND total_seconds IS NOT NULL
), percentiles AS (
  SELECT MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 50 THEN total_seconds END) AS p50_seconds,
         MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 95 THEN total_seconds END) AS p95_seconds,
         MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 99 THEN total_seconds END) AS p99_seconds
  FROM ranked
), sums AS (
  SELECT COALESCE(SUM(weight), 0) AS requests,
         COALESCE(SUM(CASE WHEN status = 'ok' THEN weight END), 0) AS ok_requests,
         COALESCE(SUM(CASE WHEN fault = 'service' THEN weight END), 0) AS service_faults,
         SUM(CASE WHEN status = 'ok' AND audio_seconds > 0 THEN synthesis_seconds * weight END) AS synthesis_seconds,
         SUM(CASE WHEN status = 'ok' AND synthesis_seconds IS NOT NULL THEN audio_seconds * weight END) AS synthesized_seconds,
         SUM(CASE WHEN status = 'ok' THEN audio_seconds * weight END) AS audio_seconds,
         SUM(CASE WHEN status = 'ok' THEN text_chars * weight END) AS text_chars
  FROM calls
)
SELECT CAST(ROUND(requests) AS BIGINT) AS requests,
       CAST(ROUND(ok_requests) AS BIGINT) AS ok_requests,
       ok_requests / NULLIF(requests, 0) AS success_rate,
       100 * ok_requests / NULLIF(requests, 0) AS success_percent,
       1 - service_faults / NULLIF(requests, 0) AS availability,
       100 - 100 * service_faults / NULLIF(requests, 0) AS availability_percent,
       p50_seconds, p95_seconds, p99_seconds,
       synthesis_seconds / NULLIF(synthesized_seconds, 0) AS rtf,
       audio_seconds,
       audio_seconds / 3600 AS audio_hours,
       CAST(ROUND(text_chars) AS BIGINT) AS text_chars
FROM sums CROSS JOIN percentiles
