-- title: {en: A/B variants, zh-CN: A/B 变体}
-- details:
--   en: >
--     Variants of an experiment side by side: success (ok of all requests), or rtf or total seconds as the mean
--     over ok requests, with half the width of its 95 % interval (Wilson for success, normal for means) and the
--     sample size. Weights count, and the interval is that of the effective sample. The difference is against the
--     variant that comes first in the alphabet; its sign says whether the interval of the difference leaves out 0.
--     Two variants may have had texts of different length: look at rtf rather than at seconds.
--   zh-CN: >
--     并排比较实验的各变体：成功率（ok 占全部请求），或成功请求的 rtf、总秒数的平均值，附 95 % 区间的半宽（成功率为威尔逊区间，均值为正态区间）和样本量。按权重计算，区间用有效样本量。差值相对于字母序最前的变体；若差值区间不含 0，则标出方向。两个变体的文本长度可能不同：看 rtf 优于看秒数。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
--   measure: {type: enum, title: {en: Measure, zh-CN: 指标}, options: [success, rtf, total_seconds], default: success}
-- tags: [tts]
WITH calls AS (
  SELECT experiment, COALESCE(variant, '-') AS variant, COALESCE(sample_weight, 1.0) AS weight,
         CASE WHEN '{{ measure }}' = 'success' THEN CASE WHEN status = 'ok' THEN 1.0 ELSE 0.0 END
              WHEN status <> 'ok' THEN NULL
              WHEN '{{ measure }}' = 'total_seconds' THEN total_seconds
              WHEN audio_seconds > 0 THEN synthesis_seconds / audio_seconds END AS value
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND experiment IS NOT NULL
), totals AS (
  SELECT experiment, variant, COUNT(*) AS n, SUM(weight) AS weight, SUM(weight * weight) AS weights_squared,
         SUM(weight * value) / SUM(weight) AS mean, SUM(weight * value * value) / SUM(weight) AS mean_of_squares
  FROM calls
  WHERE value IS NOT NULL
  GROUP BY experiment, variant
), spreads AS (
  SELECT experiment, variant, n, mean, weight * weight / weights_squared AS effective_n,
         -- rounding may leave less than nothing where all are alike
         CASE WHEN mean_of_squares > mean * mean THEN mean_of_squares - mean * mean ELSE 0 END AS variance
  FROM totals
), errors AS (
  SELECT experiment, variant, n, mean, CASE WHEN effective_n > 1 THEN variance / (effective_n - 1) END AS squared_error,
         CASE WHEN '{{ measure }}' = 'success'
              THEN 1.96 * SQRT(mean * (1 - mean) / effective_n + 0.9604 / (effective_n * effective_n)) / (1 + 3.8416 / effective_n)
              WHEN effective_n > 1 THEN 1.96 * SQRT(variance / (effective_n - 1)) END AS half
  FROM spreads
), compared AS (
  SELECT experiment, variant, n, mean, half,
         mean - FIRST_VALUE(mean) OVER (PARTITION BY experiment ORDER BY variant) AS difference,
         1.96 * SQRT(squared_error + FIRST_VALUE(squared_error) OVER (PARTITION BY experiment ORDER BY variant)) AS difference_half,
         ROW_NUMBER() OVER (PARTITION BY experiment ORDER BY variant) AS place
  FROM errors
)
SELECT experiment || ' ' || variant AS arm, experiment, variant, n, mean, half,
       CASE WHEN place > 1 THEN difference END AS difference,
       CASE WHEN place > 1 THEN difference_half END AS difference_half,
       CASE WHEN place = 1 THEN 'compared with · 对照' WHEN difference_half IS NULL THEN 'too few · 样本太少'
            WHEN difference > difference_half THEN 'higher · 更高' WHEN difference < -difference_half THEN 'lower · 更低'
            ELSE 'no difference shown · 未见差异' END AS verdict
FROM compared
UNION ALL
SELECT 'no experiment in these lines · 这些行没有实验', NULL, NULL, 0, 0, NULL, NULL, NULL, 'nothing to compare · 无可比较'
WHERE NOT EXISTS (SELECT 1 FROM compared)
ORDER BY arm
