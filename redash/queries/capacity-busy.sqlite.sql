WITH beats AS (
  SELECT SUBSTR(local_at, 1, 13) AS hour_at, workers_up, gpus,
         MIN((JULIANDAY(LEAD(ts) OVER (PARTITION BY writer_id ORDER BY ts)) - JULIANDAY(ts)) * 86400, 120) AS seconds
  FROM tts_heartbeat
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
), time_up AS (
  -- a service that was silent for more than two minutes was not there, and the last heartbeat says nothing of the time after it
  SELECT hour_at || ':00:00' AS at, SUM(workers_up * seconds) AS worker_seconds, COUNT(*) AS n FROM beats GROUP BY hour_at
), work AS (
  SELECT hour_at || ':00:00' AS at, synthesis_seconds
  FROM (
    SELECT SUBSTR(local_at, 1, 13) AS hour_at, SUM(synthesis_seconds * COALESCE(sample_weight, 1.0)) AS synthesis_seconds
    FROM tts_request
    WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
      AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
      AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
      AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    GROUP BY 1
  ) AS hours
), gpu_time AS (
  SELECT hour_at || ':00:00' AS at, SUM(utilization * seconds) / NULLIF(SUM(CASE WHEN utilization IS NOT NULL THEN seconds END), 0) AS busy,
         COUNT(utilization) AS n
  FROM (SELECT hour_at, seconds, JSON_EXTRACT(gpu.value, '$.utilization_mean') AS utilization FROM beats JOIN JSON_EACH(beats.gpus) AS gpu LIMIT -1) AS readings
  GROUP BY hour_at
), shown AS (
  SELECT time_up.at, 'workers busy' AS series, COALESCE(work.synthesis_seconds, 0) / worker_seconds AS value, time_up.n
  FROM time_up LEFT JOIN work ON work.at = time_up.at
  WHERE worker_seconds > 0
  UNION ALL
  SELECT at, 'GPUs busy', busy, n FROM gpu_time WHERE busy IS NOT NULL
  UNION ALL
  SELECT at, 'GPUs idle', 1 - busy, n FROM gpu_time WHERE busy IS NOT NULL
), marked AS (
  -- upright lines, a second wide, since Redash adds up what has the same second: the newest marks, and the day that is not over
  SELECT at, words
  FROM (
    SELECT SUBSTR(MIN(local_at), 1, 19) AS at, kind || ' ' || label AS words
    FROM tts_mark
    WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
      AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
    GROUP BY kind || ' ' || label
    ORDER BY MIN(local_at) DESC
    LIMIT 6
  ) AS newest
  UNION ALL
  SELECT at, 'today, so far · 今天，还没结束'
  FROM (SELECT STRFTIME('%Y-%m-%dT00:00:00', 'now', ROUND((JULIANDAY(local_at) - JULIANDAY(ts)) * 86400) || ' seconds') AS at
    FROM tts_request ORDER BY local_at DESC LIMIT 1) AS clock
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
