-- title: {en: Totals, zh-CN: 总计}
-- details:
--   en: >
--     One row for the whole period. success_rate is ok of all requests, as everybody counts it; availability counts
--     faults of the service alone. Percentiles are exact (nearest rank, weighted) over ok requests, and null below
--     20 (P50), 100 (P95) and 500 (P99) of them; rtf is the sum of synthesis seconds over the sum of audio seconds
--     of ok requests that have both. The notes say how many requests a figure is made of, or why there is none.
--   zh-CN: >
--     整个时间段的一行汇总。success_rate（成功率）为成功请求占全部请求的比例，即通行算法；availability（可用性）只计服务自身的故障。分位数为成功请求的精确值（最近秩法，加权），成功请求少于 20（P50）、100（P95）、500（P99）时为空；rtf（实时率）为两者俱全的成功请求的合成秒数之和除以音频秒数之和。note 列说明一项数字由多少请求得出，或为何没有。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT status, fault, total_seconds, synthesis_seconds, audio_seconds, text_chars, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), ranked AS (
  SELECT total_seconds,
         SUM(weight) OVER (ORDER BY total_seconds ROWS UNBOUNDED PRECEDING) AS rank_up_to,
         SUM(weight) OVER () AS rank_of_all
  FROM calls
  WHERE status = 'ok' AND total_seconds IS NOT NULL
), percentiles AS (
  SELECT COUNT(*) AS timed_n,
         CASE WHEN COUNT(*) >= 20 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 50 THEN total_seconds END) END AS p50_seconds,
         CASE WHEN COUNT(*) >= 100 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 95 THEN total_seconds END) END AS p95_seconds,
         CASE WHEN COUNT(*) >= 500 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 99 THEN total_seconds END) END AS p99_seconds
  FROM ranked
), sums AS (
  SELECT COUNT(*) AS n, COALESCE(SUM(weight), 0) AS requests,
         COALESCE(SUM(CASE WHEN status = 'ok' THEN weight END), 0) AS ok_requests,
         COALESCE(SUM(CASE WHEN fault = 'service' THEN weight END), 0) AS service_faults,
         COUNT(CASE WHEN status = 'ok' AND audio_seconds > 0 THEN synthesis_seconds END) AS rtf_n,
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
       CASE WHEN n = 0 THEN 'no request · 没有请求' ELSE 'n=' || CAST(n AS VARCHAR) END AS rates_note,
       p50_seconds, p95_seconds, p99_seconds,
       CASE WHEN n = 0 THEN 'no request · 没有请求' WHEN timed_n < 100 THEN 'too few · 太少: n=' || CAST(timed_n AS VARCHAR)
            ELSE 'n=' || CAST(timed_n AS VARCHAR) END AS p95_note,
       synthesis_seconds / NULLIF(synthesized_seconds, 0) AS rtf,
       CASE WHEN n = 0 THEN 'no request · 没有请求' WHEN rtf_n = 0 THEN 'not in these lines · 这些行没有'
            ELSE 'n=' || CAST(rtf_n AS VARCHAR) END AS rtf_note,
       audio_seconds,
       audio_seconds / 3600 AS audio_hours,
       CASE WHEN n = 0 THEN 'no request · 没有请求' WHEN audio_seconds IS NULL THEN 'not in these lines · 这些行没有' ELSE '' END AS audio_note,
       CAST(ROUND(text_chars) AS BIGINT) AS text_chars
FROM sums CROSS JOIN percentiles
