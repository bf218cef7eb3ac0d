-- title: {en: Engines, zh-CN: 引擎}
-- description: {en: "Synthesis seconds per second of audio; below 1 is faster than speech", zh-CN: "每秒音频所需的合成秒数；小于 1 表示比说话更快"}
-- details:
--   en: rtf is synthesis seconds for each second of audio, both summed over ok requests that have both; below 1 is faster than speech. Lines of the older forms name no engine.
--   zh-CN: rtf（实时率）为每秒音频所需的合成秒数，对两者俱全的成功请求分别求和后相除；小于 1 表示比说话更快。旧格式的日志行没有引擎名。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT COALESCE(engine, 'no engine in these lines · 这些行没有引擎') AS engine, status, fault, COALESCE(sample_weight, 1.0) AS weight,
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
)
SELECT engine,
       CAST(ROUND(SUM(weight)) AS BIGINT) AS requests,
       SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) / SUM(weight) AS success_rate,
       CAST(ROUND(SUM(CASE WHEN audio_seconds IS NOT NULL AND synthesis_seconds IS NOT NULL THEN weight ELSE 0 END)) AS BIGINT) AS measured_requests,
       SUM(synthesis_seconds * weight) / NULLIF(SUM(audio_seconds * weight), 0) AS rtf,
       SUM(audio_seconds * weight) / 3600 AS audio_hours
FROM calls
GROUP BY engine
ORDER BY requests DESC, engine
