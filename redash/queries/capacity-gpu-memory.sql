-- title: {en: GPU memory headroom by hour, zh-CN: 每小时显存余量}
-- description: {en: "Free share at the tightest moment of the hour", zh-CN: "该小时最紧张时的空闲占比"}
-- details:
--   en: >
--     Free memory of each GPU as a share of its memory, at the tightest heartbeat of the hour. Marks of the period
--     (the newest six) and the day that is not over are upright lines, named in the legend.
--   zh-CN: >
--     每块 GPU 的空闲显存占比，取该小时内最紧张的一次心跳。时间段内的标记（最新六个）和尚未结束的一天以竖线表示，名称见图例。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
-- tags: [tts]
WITH readings AS (
  SELECT local_at, (reading ->> 'name') || ' ' || (reading ->> 'uuid') AS gpu,
         CAST(reading ->> 'utilization_mean' AS DOUBLE PRECISION) AS utilization, CAST(reading ->> 'memory_used_bytes' AS DOUBLE PRECISION) AS used_bytes, CAST(reading ->> 'memory_total_bytes' AS DOUBLE PRECISION) AS total_bytes
  FROM tts_heartbeat
  CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS(CASE WHEN JSONB_TYPEOF(gpus) = 'array' THEN gpus ELSE '[]' END) AS gpu (reading)
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
), shown AS (
  SELECT TO_CHAR(hour_at, 'YYYY-MM-DD"T"HH24:MI:SS') AS at, gpu AS series, MIN(1 - used_bytes / total_bytes) AS value, COUNT(*) AS n
  FROM (SELECT DATE_TRUNC('hour', local_at) AS hour_at, gpu, used_bytes * 1.0 AS used_bytes, total_bytes FROM readings WHERE total_bytes > 0 AND used_bytes IS NOT NULL) AS known
  GROUP BY hour_at, gpu
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
  SELECT at, 'these lines have no heartbeat with GPU memory · 这些行没有含显存的心跳', 0, NULL
  FROM (SELECT REPLACE('{{ period.start }}', ' ', 'T') AS at UNION ALL SELECT REPLACE('{{ period.end }}', ' ', 'T')) AS ends
  WHERE NOT EXISTS (SELECT 1 FROM shown)
)
SELECT at, series, value, n
FROM told
ORDER BY at, series
