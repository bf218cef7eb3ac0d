-- title: {en: Newest errors, zh-CN: 最新错误}
-- description: {en: "Newest first, at most 200", zh-CN: "最新在前，最多 200 条"}
-- details:
--   en: >
--     The newest requests that were not ok, newest first. No message is in a line, so none is here: the request's
--     id leads to the service's own log.
--   zh-CN: >
--     最新的未成功请求，最新在前。日志行中没有错误消息，因此这里也没有：可用请求 ID 在服务自己的日志中查找。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
-- may_be_empty: true
SELECT local_at, status, fault, COALESCE(error_code, '') AS error_code, COALESCE(error_stage, '') AS error_stage, error_type, COALESCE(engine, '') AS engine, model, language, COALESCE(speaker, '') AS speaker, emotion,
       text_chars, total_seconds, instance, request_id
FROM tts_request
WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
  AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
      BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
          AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
  AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
  AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
  AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
  AND status <> 'ok'
ORDER BY local_at DESC, row_id DESC
LIMIT 200
