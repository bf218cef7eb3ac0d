-- title: {en: Capacity in total, zh-CN: 容量总计}
-- details:
--   en: >
--     One row for the whole period: all requests, hours of speech made, the busiest hour, and audio seconds for
--     each GPU second of ok requests that have both.
--   zh-CN: >
--     整个时间段一行：全部请求、合成的语音小时数、最忙的一小时，以及同时有两项数据的成功请求中每 GPU 秒产出的音频秒数。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT SUBSTR(CAST(local_at AS VARCHAR), 1, 13) AS hour_at, status, audio_seconds, gpu_seconds, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), hours AS (
  SELECT hour_at, SUM(weight) AS requests,
         SUM(CASE WHEN status = 'ok' THEN audio_seconds * weight END) AS audio_seconds,
         SUM(CASE WHEN status = 'ok' AND gpu_seconds > 0 THEN audio_seconds * weight END) AS gpu_audio_seconds,
         SUM(CASE WHEN status = 'ok' AND gpu_seconds > 0 AND audio_seconds IS NOT NULL THEN gpu_seconds * weight END) AS gpu_seconds
  FROM calls
  GROUP BY hour_at
)
SELECT CAST(ROUND(COALESCE(SUM(requests), 0)) AS BIGINT) AS requests,
       SUM(audio_seconds) / 3600 AS audio_hours,
       CASE WHEN COUNT(requests) = 0 THEN 'no request · 没有请求' WHEN SUM(audio_seconds) IS NULL THEN 'not in these lines · 这些行没有' ELSE '' END AS audio_note,
       CAST(ROUND(MAX(requests)) AS BIGINT) AS busiest_hour_requests,
       SUM(gpu_audio_seconds) / NULLIF(SUM(gpu_seconds), 0) AS audio_seconds_per_gpu_second,
       CASE WHEN COUNT(requests) = 0 THEN 'no request · 没有请求' WHEN SUM(gpu_seconds) IS NULL THEN 'not in these lines · 这些行没有' ELSE '' END AS yield_note
FROM hours
