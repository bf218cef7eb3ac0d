-- title: {en: "Latency", zh-CN: "延迟"}
-- details:
--   en: >
--     One measure of ok requests (as in Latency trend) over all, by length of the text in characters, by engine
--     and vocoder, by the way of the answer (streaming, whole, batch job, from the cache), or by cold and warm
--     start. Percentiles are exact (nearest rank, weighted), null below 20 (P50), 100 (P95) and 500 (P99) measured
--     requests. Where no line has the figure one row says so.
--   zh-CN: >
--     成功请求的一项指标（同“延迟趋势”），可看总体，或按文本字符数、按引擎与声码器、按应答方式（流式、整段、批处理、缓存命中）、按冷热启动分组。百分位数为精确值（最近秩，加权），实测请求少于 20（P50）、100（P95）、500（P99）时为空。若所有行都没有该值，则有一行说明。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
--   measure: {type: enum, title: {en: Measure, zh-CN: 指标}, options: [total, queue, synthesis, first_audio, rtf], default: total}
--   by: {type: enum, title: {en: By, zh-CN: 分组}, options: [all, length, engine, path, start], default: all}
-- tags: [tts]
WITH calls AS (
  SELECT CASE '{{ by }}'
           WHEN 'length' THEN
             CASE WHEN text_chars <= 20 THEN '001–020' WHEN text_chars <= 50 THEN '021–050' WHEN text_chars <= 100 THEN '051–100'
                  WHEN text_chars <= 200 THEN '101–200' WHEN text_chars <= 300 THEN '201–300' ELSE '301–' END
           WHEN 'engine' THEN COALESCE(engine, 'engine not said · 未说明引擎') || COALESCE(' · ' || vocoder, '')
           WHEN 'path' THEN
             CASE WHEN cache_hit THEN 'cache hit · 缓存命中' WHEN source = 'batch' THEN 'batch job · 批处理' WHEN stream THEN 'streaming · 流式'
                  WHEN stream IS NULL THEN 'way not said · 未说明方式' ELSE 'whole answer · 整段' END
           WHEN 'start' THEN
             CASE WHEN cold_start THEN 'cold start · 冷启动' WHEN cold_start IS NULL THEN 'start not said · 未说明启动' ELSE 'warm · 热启动' END
           ELSE 'all'
         END AS part,
         CASE '{{ measure }}'
           WHEN 'total' THEN total_seconds
           WHEN 'queue' THEN queue_seconds
           WHEN 'synthesis' THEN synthesis_seconds
           WHEN 'first_audio' THEN first_audio_seconds
           ELSE CASE WHEN audio_seconds > 0 THEN synthesis_seconds / audio_seconds END
         END AS value,
         COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok'
), ranked AS (
  SELECT part, value,
         SUM(weight) OVER (PARTITION BY part ORDER BY value ROWS UNBOUNDED PRECEDING) AS rank_up_to,
         SUM(weight) OVER (PARTITION BY part) AS rank_of_all
  FROM (SELECT part, value, CASE WHEN value IS NULL THEN 0 ELSE weight END AS weight FROM calls) AS weighed
), parts AS (
  SELECT part, COUNT(value) AS measured,
         CASE WHEN COUNT(value) >= 20 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 50 THEN value END) END AS p50,
         CASE WHEN COUNT(value) >= 100 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 95 THEN value END) END AS p95,
         CASE WHEN COUNT(value) >= 500 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 99 THEN value END) END AS p99
  FROM ranked
  GROUP BY part
)
SELECT part, measured, 'n=' || CAST(measured AS VARCHAR) AS n_words, p50, p95, p99
FROM parts
WHERE measured > 0
UNION ALL
SELECT 'no {{ measure }} in these lines · 这些行没有该值', 0, 'n=0', NULL, NULL, NULL
FROM (SELECT SUM(measured) AS measured FROM parts) AS found
WHERE measured = 0
ORDER BY part
