-- title: {en: "Latency trend", zh-CN: "延迟趋势"}
-- details:
--   en: >
--     Of ok requests, by day of the report time zone: seconds from acceptance to the last byte (total), in the
--     queue, in synthesis, or to the first sound (first_audio), or synthesis seconds per second of audio (rtf).
--     Percentiles are exact (nearest rank, weighted by sample_weight), never averaged, and null below 20 (P50),
--     100 (P95) and 500 (P99) measured requests. few is 0 on days with calls of which fewer than 20 have the
--     figure. Marks and the running day are marked.
--   zh-CN: >
--     按报表时区的每一天，只看成功请求：从受理到最后一个字节（total）、排队（queue）、合成（synthesis）、到首个声音（first_audio）的秒数，或每秒音频的合成秒数（rtf）。百分位数为精确值（最近秩，按 sample_weight 加权），从不取平均；实测请求少于 20（P50）、100（P95）、500（P99）时为空。few 为 0 表示当天有请求但少于 20 条带有该值。发布等标记和尚未结束的一天会标出。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
--   measure: {type: enum, title: {en: Measure, zh-CN: 指标}, options: [total, queue, synthesis, first_audio, rtf], default: total}
-- tags: [tts]
WITH calls AS (
  SELECT DATE(local_at) AS day,
         CASE '{{ measure }}'
           WHEN 'total' THEN total_seconds
           WHEN 'queue' THEN queue_seconds
           WHEN 'synthesis' THEN synthesis_seconds
           WHEN 'first_audio' THEN first_audio_seconds
           ELSE CASE WHEN audio_seconds > 0 THEN synthesis_seconds / audio_seconds END
         END AS value,
         COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok'
), ranked AS (
  SELECT day, value,
         SUM(weight) OVER (PARTITION BY day ORDER BY value ROWS UNBOUNDED PRECEDING) AS rank_up_to,
         SUM(weight) OVER (PARTITION BY day) AS rank_of_all
  FROM (SELECT day, value, CASE WHEN value IS NULL THEN 0 ELSE weight END AS weight FROM calls) AS weighed
), days AS (
  SELECT day, COUNT(value) AS measured,
         CASE WHEN COUNT(value) >= 20 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 50 THEN value END) END AS p50,
         CASE WHEN COUNT(value) >= 100 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 95 THEN value END) END AS p95,
         CASE WHEN COUNT(value) >= 500 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 99 THEN value END) END AS p99
  FROM ranked
  GROUP BY day
), marks AS (
  SELECT local_at, kind || COALESCE(' ' || label, '') AS words
  FROM tts_mark
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
), marked AS (
  -- what is drawn on the trend: marks, and the day that is not over
  SELECT DATE(local_at) AS at, MIN(words) || CASE WHEN MAX(words) > MIN(words) THEN ', ' || MAX(words) ELSE '' END AS words
  FROM (
    SELECT local_at, words FROM marks
    UNION ALL
    SELECT DATE_TRUNC('day', NOW() AT TIME ZONE value), 'today, so far · 今天，还没结束' FROM setting WHERE name = 'report_timezone'
  ) AS told
  GROUP BY DATE(local_at)
)
SELECT spine.day, COALESCE(days.measured, 0) AS measured, days.p50, days.p95, days.p99,
       CASE WHEN days.measured < 20 THEN 0 END AS few,
       CASE WHEN marked.at IS NOT NULL THEN 1 END AS mark,
       marked.words AS mark_words
FROM (SELECT day FROM days UNION SELECT DATE(local_at) FROM marks) AS spine
LEFT JOIN days ON days.day = spine.day
LEFT JOIN marked ON marked.at = spine.day
ORDER BY spine.day
