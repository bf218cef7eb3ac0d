WITH sums AS (
  SELECT DATE(local_at) AS day, engine, gpu_name, COUNT(CASE WHEN gpu_seconds > 0 THEN audio_seconds END) AS n,
         SUM(CASE WHEN gpu_seconds > 0 THEN audio_seconds * COALESCE(sample_weight, 1.0) END) AS audio_seconds,
         SUM(CASE WHEN gpu_seconds > 0 AND audio_seconds IS NOT NULL THEN gpu_seconds * COALESCE(sample_weight, 1.0) END) AS gpu_seconds
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
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
  SELECT at, 'these lines have no gpu_seconds · 这些行没有 gpu_seconds', 0, NULL
  FROM (SELECT REPLACE('{{ period.start }}', ' ', 'T') AS at UNION ALL SELECT REPLACE('{{ period.end }}', ' ', 'T')) AS ends
  WHERE EXISTS (SELECT 1 FROM sums) AND NOT EXISTS (SELECT 1 FROM shown)
)
SELECT at, series, value, n
FROM told
ORDER BY at, series
