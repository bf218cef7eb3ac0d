-- title: {en: "Single requests by tokens", zh-CN: "按词元数的单个请求"}
-- details:
--   en: >
--     At most about 1500 single ok requests as points: seconds for each token over the tokens of its text, by model with its version
--     and vocoder. Every n-th row is taken, so that the whole period is seen. No weights: a point is one request.
--   zh-CN: >
--     至多约 1500 个单个成功请求的散点：每个请求每词元的秒数与词元数，按模型（含版本）与声码器。每隔固定行数取一条，以覆盖整个时间段。不加权：一个点就是一个请求。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
--   seconds: {type: enum, title: {en: Seconds, zh-CN: 秒数}, options: [synthesis, gpu], default: synthesis}
-- tags: [tts]
WITH calls AS (
  SELECT COALESCE(model, engine, 'model not said · 未说明模型') || COALESCE(' ' || model_version, '') || COALESCE(' · ' || vocoder, '') AS model, text_tokens AS tokens,
         CASE '{{ seconds }}' WHEN 'gpu' THEN gpu_seconds ELSE synthesis_seconds END AS spent_seconds,
         ROW_NUMBER() OVER (ORDER BY local_at, row_id) AS place
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok' AND NOT COALESCE(cache_hit, 1 = 0)
), counted AS (
  SELECT MAX(place) / 1500 + 1 AS every, COUNT(CASE WHEN tokens > 0 AND spent_seconds IS NOT NULL THEN 1 END) AS n_known FROM calls
)
SELECT tokens, model, spent_seconds / tokens AS seconds_per_token, spent_seconds
FROM calls CROSS JOIN counted
WHERE place % every = 0 AND tokens > 0 AND spent_seconds IS NOT NULL
UNION ALL
SELECT 0, 'no text_tokens with {{ seconds }}_seconds in these lines · 这些行没有词元数与秒数', NULL, NULL
FROM counted
WHERE n_known = 0 AND every > 0
ORDER BY model, tokens, spent_seconds
