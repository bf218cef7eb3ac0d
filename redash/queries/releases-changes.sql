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
WITH marks AS NOT MATERIALIZED (
  SELECT local_at AS begins_at, instance, label
  FROM tts_mark
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
    AND kind = 'release'
), releases AS NOT MATERIALIZED (
  -- the newest release of an instance (of every one: '') when a mark was set, of whatever instance: until the next mark it stays the same
  SELECT of_instance, slots.begins_at AS slot_at, MAX(marks.begins_at) AS begins_at
  FROM (SELECT instance AS of_instance FROM marks WHERE instance IS NOT NULL UNION SELECT '') AS named
  CROSS JOIN (SELECT DISTINCT begins_at FROM marks) AS slots
  JOIN marks ON marks.begins_at <= slots.begins_at AND (marks.instance IS NULL OR marks.instance = of_instance)
  GROUP BY of_instance, slots.begins_at
), calls AS NOT MATERIALIZED (
  SELECT instance, begins[WIDTH_BUCKET(local_at, begins)] AS slot_at, status = 'ok' AS ok, fault = 'service' AS service_fault, COALESCE(sample_weight, 1.0) AS weight,
         CASE WHEN status = 'ok' THEN total_seconds END AS ok_seconds,
         CASE WHEN status = 'ok' AND audio_seconds > 0 THEN synthesis_seconds END AS synthesis_seconds,
         CASE WHEN status = 'ok' AND synthesis_seconds IS NOT NULL THEN audio_seconds END AS audio_seconds
  FROM tts_request CROSS JOIN LATERAL (SELECT (SELECT ARRAY_AGG(DISTINCT begins_at ORDER BY begins_at) FROM marks) AS begins) AS slots
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), placed AS (
  SELECT COALESCE(calls.instance, '-') AS instance, COALESCE(own.begins_at, common.begins_at, '-infinity') AS since,
         ok, service_fault, weight, ok_seconds, synthesis_seconds, audio_seconds
  FROM calls
  LEFT JOIN releases AS own ON own.of_instance = calls.instance AND own.slot_at = calls.slot_at
  LEFT JOIN releases AS common ON common.of_instance = '' AND common.slot_at = calls.slot_at
), ranked AS (
  -- all calls, so that one scan serves the sums too
  SELECT instance, since, ok, service_fault, weight, ok_seconds, synthesis_seconds, audio_seconds,
         SUM(CASE WHEN ok_seconds IS NULL THEN 0 ELSE weight END) OVER (PARTITION BY since, instance ORDER BY ok_seconds ROWS UNBOUNDED PRECEDING) AS rank_up_to,
         SUM(CASE WHEN ok_seconds IS NULL THEN 0 ELSE weight END) OVER (PARTITION BY since, instance) AS rank_of_all
  FROM placed
), sums AS (
  SELECT instance, CASE WHEN since = '-infinity' THEN '' ELSE CAST(since AS VARCHAR) END AS begins_at, SUM(weight) AS requests,
         100 * SUM(CASE WHEN ok THEN weight ELSE 0 END) / SUM(weight) AS success_percent, 100 - 100 * SUM(CASE WHEN service_fault THEN weight ELSE 0 END) / SUM(weight) AS availability_percent,
         SUM(synthesis_seconds * weight) / NULLIF(SUM(audio_seconds * weight), 0) AS rtf,
         CASE WHEN COUNT(ok_seconds) >= 20 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 50 THEN ok_seconds END) END AS p50_seconds,
         CASE WHEN COUNT(ok_seconds) >= 100 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 95 THEN ok_seconds END) END AS p95_seconds
  FROM ranked
  GROUP BY ranked.since, ranked.instance -- as they are sorted already
), labels AS (
  SELECT CAST(begins_at AS VARCHAR) AS begins_at, instance, MAX(label) AS label FROM marks GROUP BY begins_at, instance
)
SELECT sums.instance, CASE WHEN sums.begins_at = '' THEN '–' ELSE REPLACE(SUBSTR(sums.begins_at, 1, 16), 'T', ' ') END AS released_at,
       COALESCE(MAX(labels.label), 'before · 之前') AS release,
       CAST(ROUND(requests) AS BIGINT) AS requests, success_percent, availability_percent, p50_seconds, p95_seconds, rtf,
       success_percent - LAG(success_percent) OVER (PARTITION BY sums.instance ORDER BY sums.begins_at) AS success_change,
       availability_percent - LAG(availability_percent) OVER (PARTITION BY sums.instance ORDER BY sums.begins_at) AS availability_change,
       100 * p95_seconds / NULLIF(LAG(p95_seconds) OVER (PARTITION BY sums.instance ORDER BY sums.begins_at), 0) - 100 AS p95_change_percent,
       100 * rtf / NULLIF(LAG(rtf) OVER (PARTITION BY sums.instance ORDER BY sums.begins_at), 0) - 100 AS rtf_change_percent
FROM sums
LEFT JOIN labels ON labels.begins_at = sums.begins_at AND (labels.instance IS NULL OR labels.instance = sums.instance)
GROUP BY sums.instance, sums.begins_at, requests, success_percent, availability_percent, p50_seconds, p95_seconds, rtf
ORDER BY sums.instance, sums.begins_at
