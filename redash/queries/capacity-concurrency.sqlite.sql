WITH calls AS (
  SELECT SUBSTR(local_at, 1, 13) AS hour_at, total_seconds * COALESCE(sample_weight, 1.0) AS there_seconds, in_flight, queue_depth
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), hours AS (
  SELECT hour_at || ':00:00' AS at, COUNT(*) AS n, SUM(there_seconds) / 3600 AS mean_there, MAX(in_flight) AS most_in_flight, MAX(queue_depth) AS most_waiting
  FROM calls
  GROUP BY hour_at
), shown AS (
  SELECT at, 'there on average' AS series, mean_there AS value, n FROM hours WHERE mean_there IS NOT NULL
  UNION ALL
  SELECT at, 'most at work', most_in_flight, n FROM hours WHERE most_in_flight IS NOT NULL
  UNION ALL
  SELECT at, 'most waiting', most_waiting, n FROM hours WHERE most_waiting IS NOT NULL
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
  SELECT at, 'these lines have no queue_depth and no in_flight · 这些行没有 queue_depth 和 in_flight', 0, NULL
  FROM (SELECT REPLACE('{{ period.start }}', ' ', 'T') AS at UNION ALL SELECT REPLACE('{{ period.end }}', ' ', 'T')) AS ends
  WHERE EXISTS (SELECT 1 FROM hours) AND NOT EXISTS (SELECT 1 FROM hours WHERE most_in_flight IS NOT NULL)
)
SELECT at, series, value, n
FROM told
ORDER BY at, series
