WITH RECURSIVE calls AS (
  SELECT SUBSTR(local_at, 1, 13) AS hour_at, COALESCE(engine, 'all') AS series,
         CASE WHEN '{{ figure }}' = 'calls' THEN 1 WHEN status = 'ok' THEN audio_seconds END AS figure,
         COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), sums AS (
  SELECT hour_at || ':00:00' AS at, series, SUM(figure * weight) AS value, COUNT(figure) AS n FROM calls GROUP BY hour_at, series
), hours(at) AS (
  SELECT MIN(at) FROM sums
  UNION ALL
  SELECT STRFTIME('%Y-%m-%dT%H:%M:%S', at, '+1 hour') FROM hours WHERE at < (SELECT MAX(at) FROM sums)
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
  SELECT at, 'these lines have no audio_seconds · 这些行没有 audio_seconds', 0, NULL
  FROM (SELECT REPLACE('{{ period.start }}', ' ', 'T') AS at UNION ALL SELECT REPLACE('{{ period.end }}', ' ', 'T')) AS ends
  WHERE EXISTS (SELECT 1 FROM sums) AND NOT EXISTS (SELECT 1 FROM measured)
)
SELECT at, series, value, n
FROM told
ORDER BY at, series
