-- title: {en: Audio per GPU second by day, zh-CN: 每日每 GPU 秒音频}
-- description: {en: "Of ok requests that have both, by engine and GPU", zh-CN: "同时有两项数据的成功请求，按引擎和 GPU"}
-- details:
--   en: >
--     Audio seconds over GPU seconds, both summed over the ok requests of a day that have both, by engine and GPU.
--     Marks of the period (the newest six) and the day that is not over are upright lines, named in the legend.
--   zh-CN: >
--     音频秒数之和除以 GPU 秒数之和，取当天同时有两项数据的成功请求，按引擎和 GPU。时间段内的标记（最新六个）和尚未结束的一天以竖线表示，名称见图例。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH sums AS (
  SELECT DATE(local_at) AS day, engine, gpu_name, COUNT(CASE WHEN gpu_seconds > 0 THEN audio_seconds END) AS n,
         SUM(CASE WHEN gpu_seconds > 0 THEN audio_seconds * COALESCE(sample_weight, 1.0) END) AS audio_seconds,
         SUM(CASE WHEN gpu_seconds > 0 AND audio_seconds IS NOT NULL THEN gpu_seconds * COALESCE(sample_weight, 1.0) END) AS gpu_seconds
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok'
  GROUP BY 1, 2, 3
), shown AS (
  SELECT CAST(day AS VARCHAR) || 'T00:00:00' AS at, COALESCE(engine, 'unknown') || COALESCE(' · ' || gpu_name, '') AS series,
         SUM(audio_seconds) / SUM(gpu_seconds) AS value, CAST(SUM(n) AS BIGINT) AS n
  FROM sums
  WHERE n > 0
  GROUP BY 1, 2
), marked AS (
  -- upright lines, a second wide, since Redash adds up what has the same second: the newest marks, and the day that is not over
  SELECT at, words
  FROM (
    SELECT TO_CHAR(MIN(local_at), 'YYYY-MM-DD"T"HH24:MI:SS') AS at, kind || ' ' || label AS words
    FROM tts_mark
    WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
      AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
    GROUP BY kind || ' ' || label
    ORDER BY MIN(local_at) DESC
    LIMIT 6
  ) AS newest
  UNION ALL
  SELECT at, 'today, so far · 今天，还没结束'
  FROM (SELECT TO_CHAR(NOW() AT TIME ZONE value, 'YYYY-MM-DD"T"00:00:00') AS at FROM setting WHERE name = 'report_timezone') AS clock
  WHERE at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}', ' ', 'T')
), told AS (
  SELECT at, series, value, n FROM shown
  UNION ALL
  SELECT SUBSTR(at, 1, 17) || '00', words, 0, NULL FROM marked WHERE EXISTS (SELECT 1 FROM shown)
  UNION ALL
  SELECT SUBSTR(at, 1, 17) || '01', words, (SELECT MAX(value) FROM shown), NULL FROM marked WHERE EXISTS (SELECT 1 FROM shown)
  UNION ALL
  SELECT at, 'these lines have no gpu_seconds · 这些行没有 gpu_seconds', 0, NULL
  FROM (SELECT REPLACE('{{ period.start }}', ' ', 'T') AS at UNION ALL SELECT REPLACE('{{ period.end }}', ' ', 'T')) AS ends
  WHERE EXISTS (SELECT 1 FROM sums) AND NOT EXISTS (SELECT 1 FROM shown)
)
SELECT at, series, value, n
FROM told
ORDER BY at, series
