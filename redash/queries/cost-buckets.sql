-- title: {en: "Cost by number of tokens", zh-CN: "按词元数的成本"}
-- details:
--   en: >
--     Synthesis seconds and GPU seconds for each token of the text, both sums over ok requests that were spoken
--     and not taken from the cache, below 20, 20–50, 50–200, 200–300 and over 300 tokens, by model with its
--     version and vocoder. Counts of two tokenizers can't be compared: compare inside a model.
--   zh-CN: >
--     每个词元的合成秒数与 GPU 秒数（分别求和后相除），只含真正合成而非取自缓存的成功请求；按词元数分为 20 以下、20–50、50–200、200–300、300 以上，并按模型（含版本）与声码器统计。不同分词器的词元数不可比：请在同一模型内比较。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
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
), cells AS (
  SELECT model, CASE WHEN tokens < 20 THEN 1 WHEN tokens < 50 THEN 2 WHEN tokens < 200 THEN 3 WHEN tokens <= 300 THEN 4 ELSE 5 END AS place, tokens IS NULL AS unknown, COUNT(*) AS n,
         SUM(weight) AS requests, SUM(weight * synthesis_seconds) AS synthesis, SUM(weight * tokens) AS tokens,
         SUM(weight * gpu_seconds) AS gpu, SUM(CASE WHEN gpu_seconds IS NOT NULL THEN weight * tokens END) AS gpu_tokens
  FROM calls
  GROUP BY 1, 2, 3
)
SELECT place, CASE place WHEN 1 THEN '< 20' WHEN 2 THEN '20–50' WHEN 3 THEN '50–200' WHEN 4 THEN '200–300' ELSE '> 300' END AS token_bucket, model, CAST(n AS BIGINT) AS n, CAST(ROUND(requests) AS BIGINT) AS requests,
       synthesis / tokens AS seconds_per_token,
       gpu / NULLIF(gpu_tokens, 0) AS gpu_seconds_per_token,
       requests / SUM(requests) OVER (PARTITION BY model) AS request_share,
       synthesis / SUM(synthesis) OVER (PARTITION BY model) AS seconds_share
FROM cells
WHERE NOT unknown
UNION ALL
SELECT 0, 'no text_tokens with synthesis_seconds in these lines · 这些行没有词元数与合成秒数', '–', 0, 0, NULL, NULL, NULL, NULL
FROM (SELECT SUM(n) AS n FROM cells) AS found
WHERE n > 0 AND NOT EXISTS (SELECT 1 FROM cells WHERE NOT unknown)
ORDER BY place, model
