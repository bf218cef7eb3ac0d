-- title: {en: "Emotions by length of the text", zh-CN: "按文本长度的情感"}
-- details:
--   en: >
--     RTF (sum of synthesis seconds over sum of audio seconds), success and availability of each emotion inside
--     one bucket of text length, with n and 95 % intervals: rtf_half is half of that of the ratio, success_low and
--     success_high are Wilson's. RTF is null below 20 measured requests.
--   zh-CN: >
--     每种情感在同一文本长度档内的 RTF（合成秒数之和除以音频秒数之和）、成功率与可用性，附样本数与 95% 区间：rtf_half 为比率区间的一半，success_low 与 success_high 为 Wilson 区间。实测少于 20 条时 RTF 为空。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT COALESCE(emotion, 'unknown') AS emotion,
         CASE WHEN text_chars <= 20 THEN '001–020' WHEN text_chars <= 50 THEN '021–050' WHEN text_chars <= 100 THEN '051–100'
              WHEN text_chars <= 200 THEN '101–200' WHEN text_chars <= 300 THEN '201–300' ELSE '301–' END AS text_length,
         status, fault, COALESCE(sample_weight, 1.0) AS weight,
         CASE WHEN status = 'ok' AND audio_seconds > 0 THEN synthesis_seconds END AS synthesis_seconds,
         CASE WHEN status = 'ok' AND audio_seconds > 0 AND synthesis_seconds IS NOT NULL THEN audio_seconds END AS audio_seconds
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), cells AS (
  SELECT emotion, text_length, COUNT(*) AS n,
         SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) / SUM(weight) AS success_rate,
         1 - SUM(CASE WHEN fault = 'service' THEN weight ELSE 0 END) / SUM(weight) AS availability,
         COUNT(audio_seconds) AS measured,
         SUM(weight * synthesis_seconds) AS synthesis, SUM(weight * audio_seconds) AS audio,
         SUM(weight * weight * synthesis_seconds * synthesis_seconds) AS synthesis_squares,
         SUM(weight * weight * synthesis_seconds * audio_seconds) AS products,
         SUM(weight * weight * audio_seconds * audio_seconds) AS audio_squares
  FROM calls
  GROUP BY emotion, text_length
), rates AS (
  SELECT cells.*, CASE WHEN measured >= 20 AND synthesis_squares > 2 * synthesis / audio * products - synthesis / audio * (synthesis / audio) * audio_squares
              THEN (synthesis_squares - 2 * synthesis / audio * products + synthesis / audio * (synthesis / audio) * audio_squares) / (audio * audio) * measured / (measured - 1)
              WHEN measured >= 20 THEN 0 END AS variance
  FROM cells
)
SELECT emotion, text_length, n, 100 * success_rate AS success_percent, 100 * availability AS availability_percent,
       100 * (success_rate + 1.9208 / n - 1.96 * SQRT(success_rate * (1 - success_rate) / n + 0.9604 / n / n)) / (1 + 3.8416 / n) AS success_low,
       100 * (success_rate + 1.9208 / n + 1.96 * SQRT(success_rate * (1 - success_rate) / n + 0.9604 / n / n)) / (1 + 3.8416 / n) AS success_high,
       measured,
       CASE WHEN measured >= 20 THEN synthesis / audio END AS rtf,
       1.96 * SQRT(variance) AS rtf_half,
       CASE WHEN SUM(measured) OVER () = 0 THEN 'no synthesis and audio seconds in these lines · 这些行没有合成与音频秒数' ELSE emotion END AS compared
FROM rates
ORDER BY emotion, text_length
