-- title: {en: Latest requests, zh-CN: 最新请求}
-- description: {en: "Newest first", zh-CN: "新的在前"}
-- details:
--   en: The newest requests of the period, newest first. The text is in no line, so it is in no column.
--   zh-CN: 时间段内最新的请求，新的在前。日志行不含文本内容，因此也没有文本列。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
--   newest: {type: number, title: {en: Rows, zh-CN: 行数}, default: 1000}
-- tags: [tts]
SELECT local_at, request_id, COALESCE(instance, '') AS instance, status, COALESCE(error_code, '') AS error_code, COALESCE(engine, '') AS engine, COALESCE(language, '') AS language, emotion, text_chars,
       total_seconds, synthesis_seconds, audio_seconds,
       CASE WHEN audio_seconds > 0 THEN synthesis_seconds / audio_seconds END AS rtf
FROM tts_request
WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
  AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
      BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
          AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
  AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
  AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
  AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
ORDER BY local_at DESC, row_id DESC
LIMIT {{ newest }}
