WITH RECURSIVE counted AS (
  SELECT event_day AS day, SUM(n_rows) AS lines
  FROM ingest_day
  WHERE event_day BETWEEN DATE('{{ period.start }}') AND DATE('{{ period.end }}')
  GROUP BY event_day
), bounds AS (
  SELECT MIN(day) AS first_day, MAX(day) AS last_day FROM counted
), days (day) AS (
  SELECT first_day FROM bounds WHERE first_day IS NOT NULL
  UNION ALL
  SELECT DATE(days.day, '+1 day') FROM days CROSS JOIN bounds WHERE days.day < bounds.last_day
), marks AS (
  SELECT local_at, kind || COALESCE(' ' || label, '') AS words
  FROM tts_mark
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
), marked AS (
  -- what is drawn on the trend: marks, and the day that is not over (the newest request tells the offset of the zone)
  SELECT DATE(local_at) AS at, MIN(words) || CASE WHEN MAX(words) > MIN(words) THEN ', ' || MAX(words) ELSE '' END AS words
  FROM (
    SELECT local_at, words FROM marks
    UNION ALL
    SELECT * FROM (
      SELECT STRFTIME('%Y-%m-%dT00:00:00', 'now', ROUND((JULIANDAY(local_at) - JULIANDAY(ts)) * 86400) || ' seconds'), 'today, so far · 今天，还没结束'
      FROM tts_request ORDER BY local_at DESC LIMIT 1
    )
  ) AS told
  GROUP BY DATE(local_at)
)
SELECT days.day AS day, CAST(COALESCE(counted.lines, 0) AS BIGINT) AS lines,
       CASE WHEN counted.lines IS NULL OR counted.lines = 0 THEN 0 END AS hole,
       CASE WHEN marked.at IS NOT NULL THEN 1 END AS mark,
       marked.words AS mark_words
FROM days
LEFT JOIN counted ON counted.day = days.day
LEFT JOIN marked ON marked.at = days.day
ORDER BY days.day
