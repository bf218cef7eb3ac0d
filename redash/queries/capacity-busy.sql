-- title: {en: Busy ratio by hour, zh-CN: 每小时繁忙率}
-- description: {en: "From heartbeats: synthesis seconds / (workers × time), and the mean utilization of the GPUs", zh-CN: "来自心跳：合成秒数 /（工作进程数 × 时间），以及 GPU 平均利用率"}
-- details:
--   en: >
--     Workers busy is the sum of synthesis seconds over workers times time, of the hour in which the requests
--     came; the time is that between heartbeats, at most two minutes for each. With an engine or an emotion chosen
--     it is their share. GPUs busy and idle is the mean utilization between heartbeats, weighted by time. A burst
--     that began in one hour and was spoken in the next may show more than 1. Marks of the period (the newest six)
--     and the day that is not over are upright lines, named in the legend.
--   zh-CN: >
--     workers busy 是请求到达的那一小时内合成秒数之和除以工作进程数乘时间；时间取心跳间隔，每个最多两分钟。选定引擎或情感时为其份额。GPUs busy 与 GPUs idle 为心跳之间的平均利用率及其余量，按时间加权。一小时内到达、下一小时才合成的突发可能使数值超过 1。时间段内的标记（最新六个）和尚未结束的一天以竖线表示，名称见图例。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH beats AS (
  SELECT DATE_TRUNC('hour', local_at) AS hour_at, workers_up, utilization, readings,
         CAST(EXTRACT(EPOCH FROM LEAD(ts) OVER (PARTITION BY writer_id ORDER BY ts) - ts) AS DOUBLE PRECISION) AS seconds
  FROM tts_heartbeat
  CROSS JOIN LATERAL (
    SELECT SUM(CAST(reading ->> 'utilization_mean' AS DOUBLE PRECISION)) AS utilization, COUNT(reading ->> 'utilization_mean') AS readings
    FROM JSONB_ARRAY_ELEMENTS(CASE WHEN JSONB_TYPEOF(gpus) = 'array' THEN gpus ELSE '[]' END) AS gpu (reading)
  ) AS gpu_readings
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
), time_up AS (
  -- a service that was silent for more than two minutes was not there, and the last heartbeat says nothing of the time after it
  SELECT TO_CHAR(hour_at, 'YYYY-MM-DD"T"HH24:MI:SS') AS at, SUM(workers_up * seconds) AS worker_seconds, COUNT(*) AS n,
         SUM(utilization * seconds) / NULLIF(SUM(readings * seconds), 0) AS gpus_busy, SUM(readings) AS readings
  FROM (SELECT hour_at, workers_up, utilization, readings, CASE WHEN seconds > 120 THEN 120 ELSE seconds END AS seconds FROM beats) AS cut
  GROUP BY hour_at
), work AS (
  SELECT TO_CHAR(hour_at, 'YYYY-MM-DD"T"HH24:MI:SS') AS at, synthesis_seconds
  FROM (
    SELECT DATE_TRUNC('hour', local_at) AS hour_at, SUM(synthesis_seconds * COALESCE(sample_weight, 1.0)) AS synthesis_seconds
    FROM tts_request
    WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
      AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
      AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
      AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    GROUP BY 1
  ) AS hours
), shown AS (
  SELECT time_up.at, 'workers busy' AS series, COALESCE(work.synthesis_seconds, 0) / worker_seconds AS value, time_up.n
  FROM time_up LEFT JOIN work ON work.at = time_up.at
  WHERE worker_seconds > 0
  UNION ALL
  SELECT at, 'GPUs busy', gpus_busy, readings FROM time_up WHERE gpus_busy IS NOT NULL
  UNION ALL
  SELECT at, 'GPUs idle', 1 - gpus_busy, readings FROM time_up WHERE gpus_busy IS NOT NULL
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
  SELECT at, 'these lines have no heartbeats · 这些行没有心跳', 0, NULL
  FROM (SELECT REPLACE('{{ period.start }}', ' ', 'T') AS at UNION ALL SELECT REPLACE('{{ period.end }}', ' ', 'T')) AS ends
  WHERE EXISTS (SELECT 1 FROM work) AND NOT EXISTS (SELECT 1 FROM time_up)
)
SELECT at, series, value, n
FROM told
ORDER BY at, series
