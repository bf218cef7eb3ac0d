-- title: {en: "Shape of the cost curve", zh-CN: "成本曲线的形状"}
-- description: {en: "By model with its version, and vocoder; premiums are against the plateau", zh-CN: "按模型（含版本）与声码器；溢价相对平台"}
-- details:
--   en: >
--     One row a model with its version and vocoder. overhead_seconds: what a request costs before its first token,
--     the intercept of the weighted least-squares line of synthesis seconds over tokens from 20 to 200. plateau:
--     seconds for each token between 50 and 200 (sums). tiny_premium and long_premium: what a token costs below 20
--     and over 300, against the plateau, minus 1, in per cent. bend_tokens: the first step of 10 tokens from 200 on, of at
--     least 5 requests, whose token costs over 1.2 times the plateau. tiny_percent: share of requests below 20
--     tokens, tiny_seconds_percent their share of the seconds. Null below 20 requests.
--   zh-CN: >
--     每个模型（含版本）与声码器一行。overhead_seconds：第一个词元之前的固定开销，即 20–200 词元内合成秒数对词元数的加权最小二乘直线的截距。plateau：50–200 词元间每词元秒数。tiny_premium 与 long_premium：20 以下与 300 以上每词元成本相对平台的倍数减 1（百分比）。bend_tokens：200 以上第一个（至少 5 条请求的 10 词元档）每词元成本超过平台 1.2 倍处。tiny_percent：20 词元以下请求的占比，tiny_seconds_percent 为其秒数占比。少于 20 条时为空。
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
), steps AS (
  SELECT model, CASE WHEN tokens < 20 THEN 0 WHEN tokens < 50 THEN 20 WHEN tokens < 200 THEN 50 ELSE tokens / 10 * 10 END AS step,
         COUNT(*) AS n, SUM(weight) AS requests, SUM(weight * synthesis_seconds) AS spent, SUM(weight * tokens) AS tokens,
         SUM(weight * tokens * tokens) AS token_squares, SUM(weight * tokens * synthesis_seconds) AS products,
         SUM(CASE WHEN tokens > 300 THEN 1 ELSE 0 END) AS n_long,
         SUM(CASE WHEN tokens > 300 THEN weight * synthesis_seconds END) AS long_spent,
         SUM(CASE WHEN tokens > 300 THEN weight * tokens END) AS long_tokens
  FROM calls
  GROUP BY 1, 2
), fits AS (
  SELECT model, SUM(n) AS n, SUM(requests) AS w, SUM(spent) AS y, SUM(tokens) AS x, SUM(token_squares) AS xx, SUM(products) AS xy
  FROM steps
  WHERE step IN (20, 50)
  GROUP BY model
), shapes AS (
  SELECT model, SUM(n) AS n, SUM(requests) AS requests,
         SUM(CASE WHEN step = 50 AND n >= 20 THEN spent / tokens END) AS plateau,
         SUM(CASE WHEN step = 0 AND n >= 20 THEN spent / tokens END) AS tiny,
         CASE WHEN SUM(n_long) >= 20 THEN SUM(long_spent) / SUM(long_tokens) END AS long,
         CASE WHEN SUM(n) >= 20 THEN 100 * SUM(CASE WHEN step = 0 THEN requests ELSE 0 END) / SUM(requests) END AS tiny_percent,
         CASE WHEN SUM(n) >= 20 THEN 100 * SUM(CASE WHEN step = 0 THEN spent ELSE 0 END) / SUM(spent) END AS tiny_seconds_percent
  FROM steps
  WHERE step IS NOT NULL
  GROUP BY model
), bends AS (
  SELECT steps.model, MIN(step) AS bend_tokens
  FROM steps JOIN shapes ON shapes.model = steps.model
  WHERE step >= 200 AND steps.n >= 5 AND spent / tokens > 1.2 * plateau
  GROUP BY steps.model
)
SELECT shapes.model AS model, CAST(shapes.n AS BIGINT) AS n,
       CASE WHEN fits.n >= 20 AND w * xx > x * x THEN (y * xx - x * xy) / (w * xx - x * x) END AS overhead_seconds,
       plateau, 100 * tiny / plateau - 100 AS tiny_premium, 100 * long / plateau - 100 AS long_premium,
       CASE WHEN bend_tokens IS NOT NULL THEN CAST(bend_tokens AS VARCHAR)
            WHEN long IS NULL THEN 'too few long texts · 长文本太少' ELSE 'none seen · 未见' END AS bend_tokens,
       tiny_percent, tiny_seconds_percent
FROM shapes LEFT JOIN fits ON fits.model = shapes.model LEFT JOIN bends ON bends.model = shapes.model
UNION ALL
SELECT 'no text_tokens with synthesis_seconds in these lines · 这些行没有词元数与合成秒数', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM (SELECT SUM(n) AS n FROM steps) AS found
WHERE n > 0 AND NOT EXISTS (SELECT 1 FROM shapes)
ORDER BY n DESC, model
