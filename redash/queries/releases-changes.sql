-- title: {en: What changed with a release, zh-CN: 发布带来的变化}
-- description: {en: "Each release against the one before it on the same instance", zh-CN: "每次发布与同一实例的上一次相比"}
-- details:
--   en: >
--     Each release of the period (a mark of this kind) with the requests until the next one, and before the first
--     one. Success is ok of all requests, availability counts faults of the service alone; percentiles are exact
--     (nearest rank, weighted) over ok requests, null below 20 (P50) and 100 (P95); rtf is the sum of synthesis
--     seconds over the sum of audio seconds. The changes are against the row before, of the same instance.
--   zh-CN: >
--     时间段内的每次发布（此类标记）及其到下一次发布之前的请求，以及首次发布之前的请求。成功率为 ok 占全部请求，可用性只计服务自身故障；百分位数为成功请求的精确值（最近秩，加权），少于 20（P50）和 100（P95）时为空；rtf 为合成秒数之和除以音频秒数之和。变化相对于同一实例的上一行。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH marks AS (
  SELECT local_at AS begins_at, instance, label
  FROM tts_mark
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
    AND kind = 'release'
), calls AS (
  SELECT local_at, instance, status, fault, COALESCE(sample_weight, 1.0) AS weight,
         CASE WHEN status = 'ok' THEN total_seconds END AS ok_seconds,
         CASE WHEN status = 'ok' AND audio_seconds > 0 THEN synthesis_seconds END AS synthesis_seconds,
         CASE WHEN status = 'ok' AND synthesis_seconds IS NOT NULL THEN audio_seconds END AS audio_seconds
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), placed AS NOT MATERIALIZED (
  -- the newest release of the instance before the request; a mark without an instance is one of all
  SELECT COALESCE(calls.instance, '-') AS instance, status, fault, ok_seconds, weight, synthesis_seconds, audio_seconds,
         (SELECT MAX(begins_at) FROM marks WHERE begins_at <= calls.local_at AND (marks.instance IS NULL OR marks.instance = calls.instance)) AS begins_at
  FROM calls
), ranked AS (
  SELECT instance, begins_at, ok_seconds,
         SUM(weight) OVER (PARTITION BY instance, begins_at ORDER BY ok_seconds ROWS UNBOUNDED PRECEDING) AS rank_up_to,
         SUM(weight) OVER (PARTITION BY instance, begins_at) AS rank_of_all
  FROM placed
  WHERE ok_seconds IS NOT NULL
), percentiles AS (
  SELECT instance, COALESCE(CAST(begins_at AS VARCHAR), '') AS begins_at,
         CASE WHEN COUNT(*) >= 20 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 50 THEN ok_seconds END) END AS p50_seconds,
         CASE WHEN COUNT(*) >= 100 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 95 THEN ok_seconds END) END AS p95_seconds
  FROM ranked
  GROUP BY instance, begins_at
), sums AS (
  SELECT instance, COALESCE(CAST(begins_at AS VARCHAR), '') AS begins_at, SUM(weight) AS requests,
         100 * SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) / SUM(weight) AS success_percent,
         100 - 100 * SUM(CASE WHEN fault = 'service' THEN weight ELSE 0 END) / SUM(weight) AS availability_percent,
         SUM(synthesis_seconds * weight) / NULLIF(SUM(audio_seconds * weight), 0) AS rtf
  FROM placed
  GROUP BY instance, begins_at
), labels AS (
  SELECT CAST(begins_at AS VARCHAR) AS begins_at, instance, MAX(label) AS label FROM marks GROUP BY begins_at, instance
)
SELECT sums.instance, CASE WHEN sums.begins_at = '' THEN NULL ELSE REPLACE(SUBSTR(sums.begins_at, 1, 19), ' ', 'T') END AS released_at,
       COALESCE(MAX(labels.label), 'before the first release mark · 首个发布标记之前') AS release,
       CAST(ROUND(requests) AS BIGINT) AS requests, success_percent, availability_percent, p50_seconds, p95_seconds, rtf,
       success_percent - LAG(success_percent) OVER (PARTITION BY sums.instance ORDER BY sums.begins_at) AS success_change,
       availability_percent - LAG(availability_percent) OVER (PARTITION BY sums.instance ORDER BY sums.begins_at) AS availability_change,
       100 * p95_seconds / NULLIF(LAG(p95_seconds) OVER (PARTITION BY sums.instance ORDER BY sums.begins_at), 0) - 100 AS p95_change_percent,
       100 * rtf / NULLIF(LAG(rtf) OVER (PARTITION BY sums.instance ORDER BY sums.begins_at), 0) - 100 AS rtf_change_percent
FROM sums
LEFT JOIN percentiles ON percentiles.instance = sums.instance AND percentiles.begins_at = sums.begins_at
LEFT JOIN labels ON labels.begins_at = sums.begins_at AND (labels.instance IS NULL OR labels.instance = sums.instance)
GROUP BY sums.instance, sums.begins_at, requests, success_percent, availability_percent, p50_seconds, p95_seconds, rtf
ORDER BY sums.instance, sums.begins_at
