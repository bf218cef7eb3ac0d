-- title: {en: "Intensity and RTF", zh-CN: "强度与 RTF"}
-- description: {en: "Ok requests with an emotion, by engine; bars are 95 % intervals", zh-CN: "带情感的成功请求，按引擎；误差线为 95% 区间"}
-- details:
--   en: >
--     RTF of ok requests with an emotion, by its intensity in steps of a tenth and by engine, with n and half the
--     95 % interval of the ratio; null below 20 measured requests. Lines without an intensity are left out.
--   zh-CN: >
--     带情感的成功请求的 RTF，按强度（每 0.1 一档）与引擎统计，附样本数和 95% 区间的一半；实测少于 20 条时为空。没有强度的行不计。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT COALESCE(engine, 'unknown') AS engine, CAST(ROUND(CAST(emotion_intensity * 10 AS NUMERIC)) AS BIGINT) AS tenth,
         COALESCE(sample_weight, 1.0) AS weight, status, emotion_intensity, emotion_mode,
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
    AND status = 'ok'
), cells AS (
  SELECT engine, tenth, emotion_intensity IS NULL AS unknown, COALESCE(emotion_mode, 'none') = 'none' AS calm_voice, COUNT(*) AS n,
         COUNT(audio_seconds) AS measured,
         SUM(weight * synthesis_seconds) AS synthesis, SUM(weight * audio_seconds) AS audio,
         SUM(weight * weight * synthesis_seconds * synthesis_seconds) AS synthesis_squares,
         SUM(weight * weight * synthesis_seconds * audio_seconds) AS products,
         SUM(weight * weight * audio_seconds * audio_seconds) AS audio_squares
  FROM calls
  GROUP BY 1, 2, 3, 4
), steps AS (
  SELECT engine, tenth, SUM(measured) AS measured, SUM(synthesis) AS synthesis, SUM(audio) AS audio,
         SUM(synthesis_squares) AS synthesis_squares, SUM(products) AS products, SUM(audio_squares) AS audio_squares
  FROM cells
  WHERE NOT unknown AND NOT calm_voice
  GROUP BY engine, tenth
)
SELECT SUBSTR(CAST(1.0 * tenth / 10 AS VARCHAR), 1, 3) AS intensity, engine, CAST(measured AS BIGINT) AS measured,
       CASE WHEN measured >= 20 THEN synthesis / audio END AS rtf,
       1.96 * SQRT(CASE WHEN measured >= 20 AND synthesis_squares > 2 * synthesis / audio * products - synthesis / audio * (synthesis / audio) * audio_squares
              THEN (synthesis_squares - 2 * synthesis / audio * products + synthesis / audio * (synthesis / audio) * audio_squares) / (audio * audio) * measured / (measured - 1)
              WHEN measured >= 20 THEN 0 END) AS half
FROM steps
WHERE measured > 0
UNION ALL
SELECT 'no intensity of an emotion in these lines · 这些行没有情感强度', '–', 0, NULL, NULL
FROM (SELECT SUM(n) AS n FROM cells) AS found
WHERE n > 0 AND NOT EXISTS (SELECT 1 FROM steps WHERE measured > 0)
ORDER BY intensity, engine
