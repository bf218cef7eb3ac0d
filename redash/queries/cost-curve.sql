-- title: {en: "Cost curve", zh-CN: "成本曲线"}
-- details:
--   en: >
--     Seconds for each token over the length of the text, by model with its version and vocoder: sums of seconds
--     over sums of tokens in steps of 10 tokens up to 400 and of 50 above, drawn at the mean of the tokens; steps
--     with fewer than 5 requests are left out. seconds is synthesis, or gpu (CUDA events). The curve falls from
--     the overhead of tiny requests to a plateau and bends up where long texts cost more.
--   zh-CN: >
--     每个词元的秒数随文本长度的变化，按模型（含版本）与声码器：400 词元以内每 10 个一档，以上每 50 个一档，秒数之和除以词元数之和，画在平均词元数处；少于 5 条的档不计。seconds 为合成秒数或 GPU 秒数（CUDA 事件）。曲线从小请求的固定开销下降到平台，在长文本处上弯。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
--   seconds: {type: enum, title: {en: Seconds, zh-CN: 秒数}, options: [synthesis, gpu], default: synthesis}
-- tags: [tts]
WITH calls AS (
  SELECT COALESCE(model, engine, 'model not said · 未说明模型') || COALESCE(' ' || model_version, '') || COALESCE(' · ' || vocoder, '') AS model,
         COALESCE(sample_weight, 1.0) AS weight, synthesis_seconds, gpu_seconds,
         CASE WHEN text_tokens > 0 AND synthesis_seconds IS NOT NULL THEN text_tokens END AS tokens
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok' AND NOT COALESCE(cache_hit, 1 = 0)
), steps AS (
  SELECT model, CASE WHEN tokens < 400 THEN tokens / 10 * 10 ELSE tokens / 50 * 50 END AS step, COUNT(*) AS n,
         COUNT(CASE '{{ seconds }}' WHEN 'gpu' THEN gpu_seconds ELSE synthesis_seconds END) AS measured,
         SUM(weight * CASE '{{ seconds }}' WHEN 'gpu' THEN gpu_seconds ELSE synthesis_seconds END) AS spent,
         SUM(CASE WHEN CASE '{{ seconds }}' WHEN 'gpu' THEN gpu_seconds ELSE synthesis_seconds END IS NOT NULL THEN weight * tokens END) AS tokens,
         SUM(CASE WHEN CASE '{{ seconds }}' WHEN 'gpu' THEN gpu_seconds ELSE synthesis_seconds END IS NOT NULL THEN weight END) AS requests
  FROM calls
  GROUP BY 1, 2
)
SELECT tokens / requests AS mean_tokens, model, spent / tokens AS seconds_per_token, CAST(measured AS BIGINT) AS measured
FROM steps
WHERE step IS NOT NULL AND measured >= 5
UNION ALL
SELECT 0, 'fewer than 5 requests with text_tokens and {{ seconds }}_seconds · 带词元数与秒数的请求不足 5 条', NULL, 0
FROM (SELECT SUM(n) AS n FROM steps) AS found
WHERE n > 0 AND NOT EXISTS (SELECT 1 FROM steps WHERE step IS NOT NULL AND measured >= 5)
ORDER BY model, mean_tokens
