WITH readings AS (
  SELECT local_at, JSON_EXTRACT(gpu.value, '$.name') || ' ' || JSON_EXTRACT(gpu.value, '$.uuid') AS gpu,
         JSON_EXTRACT(gpu.value, '$.utilization_mean') AS utilization, JSON_EXTRACT(gpu.value, '$.memory_used_bytes') AS used_bytes, JSON_EXTRACT(gpu.value, '$.memory_total_bytes') AS total_bytes
  FROM tts_heartbeat
  JOIN JSON_EACH(tts_heartbeat.gpus) AS gpu
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
), shown AS (
  SELECT hour_at || ':00:00' AS at, gpu AS series, MIN(1 - used_bytes / total_bytes) AS value, COUNT(*) AS n
  FROM (SELECT SUBSTR(local_at, 1, 13) AS hour_at, gpu, used_bytes * 1.0 AS used_bytes, total_bytes FROM readings WHERE total_bytes > 0 AND used_bytes IS NOT NULL) AS known
  GROUP BY hour_at, gpu
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
  SELECT at, 'these lines have no heartbeat with GPU memory · 这些行没有含显存的心跳', 0, NULL
  FROM (SELECT REPLACE('{{ period.start }}', ' ', 'T') AS at UNION ALL SELECT REPLACE('{{ period.end }}', ' ', 'T')) AS ends
  WHERE NOT EXISTS (SELECT 1 FROM shown)
)
SELECT at, series, value, n
FROM told
ORDER BY at, series
