-- title: {en: Latency by emotion, zh-CN: 按情感统计的延迟}
-- description: {en: "Ok requests; a slow emotion may only mean longer texts", zh-CN: "成功请求；某种情感较慢，可能只是文本更长"}
-- details:
--   en: >
--     Seconds from acceptance to the last byte, of ok requests, by the emotion asked for. A slow emotion may only mean
--     longer texts. Percentiles are exact (nearest rank), and null below 20 (P50), 100 (P95) and 500 (P99) requests.
--   zh-CN: >
--     成功请求从受理到最后一个字节的秒数，按请求的情感统计。某种情感较慢，可能只是文本更长。分位数为精确值（最近秩法），请求少于 20（P50）、100（P95）、500（P99）时为空。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT COALESCE(emotion, 'unknown') AS emotion, total_seconds, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok' AND total_seconds IS NOT NULL
), ranked AS (
  SELECT emotion, total_seconds, weight,
         SUM(weight) OVER (PARTITION BY emotion ORDER BY total_seconds ROWS UNBOUNDED PRECEDING) AS rank_up_to,
         SUM(weight) OVER (PARTITION BY emotion) AS rank_of_all
  FROM calls
)
SELECT emotion || CASE WHEN COUNT(*) < 20 THEN ' (n < 20)' ELSE '' END AS emotion,
       CAST(ROUND(SUM(weight)) AS BIGINT) AS ok_requests, COUNT(*) AS n,
       CASE WHEN COUNT(*) >= 20 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 50 THEN total_seconds END) END AS p50_seconds,
       CASE WHEN COUNT(*) >= 100 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 95 THEN total_seconds END) END AS p95_seconds,
       CASE WHEN COUNT(*) >= 500 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 99 THEN total_seconds END) END AS p99_seconds
FROM ranked
GROUP BY ranked.emotion
ORDER BY ok_requests DESC, emotion
