WITH firsts AS (
  -- the first request ever, whatever the period
  SELECT client_hash, MIN(local_at) AS first_at
  FROM tts_request
  WHERE client_hash IS NOT NULL AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
  GROUP BY client_hash
), active AS (
  SELECT DATE(local_at) AS day, client_hash
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
  GROUP BY 1, 2
), days AS (
  SELECT CAST(day AS VARCHAR) || 'T00:00:00' AS at, COUNT(*) AS active_clients, SUM(CASE WHEN DATE(first_at) = day THEN 1 ELSE 0 END) AS new_clients
  FROM active JOIN firsts ON firsts.client_hash = active.client_hash
  GROUP BY day
), shown AS (
  SELECT at, 'active' AS series, active_clients AS value, active_clients AS n FROM days
  UNION ALL
  SELECT at, 'new', new_clients, active_clients FROM days
  UNION ALL
  SELECT at, 'seen before', active_clients - new_clients, active_clients FROM days
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
  SELECT at, 'these lines have no client_hash · 这些行没有 client_hash', 0, NULL
  FROM (SELECT REPLACE('{{ period.start }}', ' ', 'T') AS at UNION ALL SELECT REPLACE('{{ period.end }}', ' ', 'T')) AS ends
  WHERE EXISTS (SELECT 1 FROM active) AND NOT EXISTS (SELECT 1 FROM days)
)
SELECT at, series, value, n
FROM told
ORDER BY at, series
