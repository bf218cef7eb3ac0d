-- title: {en: Load by hour, zh-CN: 每小时负载}
-- details:
--   en: >
--     Calls, or audio seconds of ok requests, of each hour of the report time zone, by engine; lines of the older
--     forms name none and are under all. An hour without a call is 0. Marks of the period (the newest six) and the
--     day that is not over are upright lines, named in the legend.
--   zh-CN: >
--     报表时区每小时的调用数或成功请求的音频秒数，按引擎；旧格式的行没有引擎名，归入 all。没有调用的小时为 0。时间段内的标记（最新六个）和尚未结束的一天以竖线表示，名称见图例。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
--   figure: {type: enum, title: {en: Figure, zh-CN: 指标}, options: [calls, audio_seconds], default: calls}
-- tags: [tts]
WITH calls AS (
  SELECT DATE_TRUNC('hour', local_at) AS hour_at, COALESCE(engine, 'all') AS series,
         CASE WHEN '{{ figure }}' = 'calls' THEN 1 WHEN status = 'ok' THEN audio_seconds END AS figure,
         COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), sums AS (
  SELECT TO_CHAR(hour_at, 'YYYY-MM-DD"T"HH24:MI:SS') AS at, series, SUM(figure * weight) AS value, COUNT(figure) AS n FROM calls GROUP BY hour_at, series
), hours AS (
  SELECT TO_CHAR(GENERATE_SERIES(CAST(MIN(at) AS TIMESTAMP), CAST(MAX(at) AS TIMESTAMP), INTERVAL '1 hour'), 'YYYY-MM-DD"T"HH24:MI:SS') AS at FROM sums
), measured AS (
  SELECT series FROM sums GROUP BY series HAVING SUM(n) > 0
), shown AS (
  -- an hour without a call is 0, not a line from the one before to the one after
  SELECT hours.at, measured.series, COALESCE(sums.value, 0) AS value, COALESCE(sums.n, 0) AS n
  FROM hours CROSS JOIN measured
  LEFT JOIN sums ON sums.at = hours.at AND sums.series = measured.series
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
  SELECT at, 'these lines have no audio_seconds · 这些行没有 audio_seconds', 0, NULL
  FROM (SELECT REPLACE('{{ period.start }}', ' ', 'T') AS at UNION ALL SELECT REPLACE('{{ period.end }}', ' ', 'T')) AS ends
  WHERE EXISTS (SELECT 1 FROM sums) AND NOT EXISTS (SELECT 1 FROM measured)
)
SELECT at, series, value, n
FROM told
ORDER BY at, series
