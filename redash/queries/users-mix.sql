-- title: {en: Use by part, zh-CN: 按类别的使用}
-- details:
--   en: >
--     Requests and hours of speech by voice, language or source, the thirty with most requests. Lines of the older
--     forms name none of them.
--   zh-CN: >
--     按音色、语言或来源统计请求数和语音小时数，取请求最多的三十个。旧格式的行没有这些信息。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
--   part: {type: enum, title: {en: Part, zh-CN: 划分}, options: [voice, language, source], default: voice}
-- tags: [tts]
WITH calls AS (
  SELECT COALESCE(CASE '{{ part }}' WHEN 'voice' THEN speaker WHEN 'language' THEN language ELSE source END,
                  'no {{ part }} in these lines · 这些行未说明') AS part,
         status, audio_seconds, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
)
SELECT part, CAST(ROUND(SUM(weight)) AS BIGINT) AS requests,
       SUM(weight) / SUM(SUM(weight)) OVER () AS share,
       COALESCE(SUM(CASE WHEN status = 'ok' THEN audio_seconds * weight END), 0) / 3600 AS audio_hours
FROM calls
GROUP BY part
ORDER BY requests DESC, part
LIMIT 30
