-- title: {en: "Asked for and applied", zh-CN: "请求与实际应用"}
-- description: {en: "Requests with an emotion, by what the engine made of it", zh-CN: "带情感的请求，按引擎的处理结果"}
-- details:
--   en: >
--     Requests that asked for an emotion (not neutral), weighted, by what became of it: applied by the engine,
--     ignored by it, or not said in the line, as where the request failed before.
--   zh-CN: >
--     请求了情感（非中性）的请求数（加权），按结果统计：引擎已应用、引擎忽略，或行中未说明（例如此前已失败）。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
SELECT COALESCE(emotion, 'unknown') AS emotion,
       CASE WHEN emotion_applied THEN 'applied' WHEN emotion_applied IS NULL THEN 'not said' ELSE 'ignored' END AS outcome,
       CAST(ROUND(SUM(COALESCE(sample_weight, 1.0))) AS BIGINT) AS requests
FROM tts_request
WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
  AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
      BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
          AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
  AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
  AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
  AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
  AND COALESCE(emotion, 'unknown') <> 'neutral'
GROUP BY 1, 2
ORDER BY 1, 2
