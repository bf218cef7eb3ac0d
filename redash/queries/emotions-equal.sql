-- title: {en: "Emotions at equal length", zh-CN: "等长度下的情感"}
-- details:
--   en: >
--     Is an emotion slower, or are its texts only longer? Requests are compared inside cells of one engine and one
--     length of text (six buckets of characters), and the cells are weighed as all requests together fill them.
--     Cells with fewer than 20 of the emotion are left out. slower_by is RTF of the emotion over that of all
--     requests in the same cells, minus 1, in per cent; half is half its 95 % interval (ratio estimator, the reference taken as
--     known). success_equal is the success rate over the same mix with its interval (Agresti-Coull). rtf and
--     success_percent are the plain ones.
--   zh-CN: >
--     某种情感真的更慢，还是只是文本更长？比较在同一引擎、同一长度档（按字符六档）的格子内进行，各格权重取全部请求的分布；该情感少于 20 条的格子不计。slower_by 为该情感与同格全部请求的 RTF 之比减 1（百分比），half 为 95% 区间的一半（比率估计，参照视为已知）。success_equal 为同样分布下的成功率及其区间（Agresti-Coull）。rtf 与 success_percent 为未校正的值。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT COALESCE(emotion, 'unknown') AS emotion, COALESCE(engine, 'unknown') AS engine,
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
  SELECT emotion, engine, text_length, COUNT(*) AS n, SUM(weight) AS requests,
         SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) AS ok,
         SUM(CASE WHEN fault = 'service' THEN weight ELSE 0 END) AS service_faults,
         COUNT(audio_seconds) AS measured,
         SUM(weight * synthesis_seconds) AS synthesis, SUM(weight * audio_seconds) AS audio,
         SUM(weight * weight * synthesis_seconds * synthesis_seconds) AS synthesis_squares,
         SUM(weight * weight * synthesis_seconds * audio_seconds) AS products,
         SUM(weight * weight * audio_seconds * audio_seconds) AS audio_squares
  FROM calls
  GROUP BY emotion, engine, text_length
), mix AS (
  SELECT engine, text_length, SUM(requests) AS all_requests, SUM(audio) AS all_audio, SUM(synthesis) AS all_synthesis
  FROM cells
  GROUP BY engine, text_length
), rates AS (
  SELECT cells.*, all_requests, all_audio, all_synthesis,
         CASE WHEN measured >= 20 AND synthesis_squares > 2 * synthesis / audio * products - synthesis / audio * (synthesis / audio) * audio_squares
              THEN (synthesis_squares - 2 * synthesis / audio * products + synthesis / audio * (synthesis / audio) * audio_squares) / (audio * audio) * measured / (measured - 1)
              WHEN measured >= 20 THEN 0 END AS variance,
         (ok / requests * n + 2) / (n + 4.0) AS middle
  FROM cells JOIN mix ON mix.engine = cells.engine AND mix.text_length = cells.text_length
), emotions AS (
  SELECT emotion, SUM(n) AS n, SUM(measured) AS measured, SUM(requests) AS requests,
         100 * SUM(ok) / SUM(requests) AS success_percent, 100 - 100 * SUM(service_faults) / SUM(requests) AS availability_percent,
         SUM(synthesis) / SUM(audio) AS rtf,
         SUM(CASE WHEN measured >= 20 THEN all_audio * synthesis / audio END) AS own,
         SUM(CASE WHEN measured >= 20 THEN all_synthesis END) AS others,
         SUM(all_audio * all_audio * variance) AS variance,
         100 * SUM(CASE WHEN n >= 20 THEN all_requests * ok / requests END) / SUM(CASE WHEN n >= 20 THEN all_requests END) AS success_equal,
         196 * SQRT(SUM(CASE WHEN n >= 20 THEN all_requests * all_requests * middle * (1 - middle) / (n + 4.0) END))
           / SUM(CASE WHEN n >= 20 THEN all_requests END) AS success_half
  FROM rates
  GROUP BY emotion
)
SELECT emotion, CAST(n AS BIGINT) AS n, CAST(measured AS BIGINT) AS measured, CAST(ROUND(requests) AS BIGINT) AS requests,
       success_percent, availability_percent, success_equal, success_half, rtf,
       100 * own / others - 100 AS slower_by,
       196 * SQRT(variance) / others AS half,
       CASE WHEN SUM(measured) OVER () = 0 THEN 'no synthesis and audio seconds in these lines · 这些行没有合成与音频秒数' ELSE emotion END AS compared
FROM emotions
ORDER BY requests DESC, emotion
