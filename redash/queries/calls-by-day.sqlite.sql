WITH calls AS (
  SELECT DATE(local_at) AS day, status, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), marked AS (
  -- what is drawn on the trend: marks, and the day that is not over (the newest request tells the offset of the zone)
  SELECT DATE(local_at) AS at, MIN(words) || CASE WHEN MAX(words) > MIN(words) THEN ', ' || MAX(words) ELSE '' END AS words
  FROM (
    SELECT local_at, kind || COALESCE(' ' || label, '') AS words
    FROM tts_mark
    WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
      AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
    UNION ALL
    SELECT * FROM (
      SELECT STRFTIME('%Y-%m-%dT00:00:00', 'now', ROUND((JULIANDAY(local_at) - JULIANDAY(ts)) * 86400) || ' seconds'), 'today, so far · 今天，还没结束'
      FROM tts_request ORDER BY local_at DESC LIMIT 1
    )
  ) AS told
  GROUP BY DATE(local_at)
), sums AS (
  SELECT day, SUM(weight) AS requests,
         SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) AS ok,
         SUM(CASE WHEN status = 'rejected' THEN weight ELSE 0 END) AS rejected,
         SUM(CASE WHEN status = 'error' THEN weight ELSE 0 END) AS error,
         SUM(CASE WHEN status = 'timeout' THEN weight ELSE 0 END) AS timeout,
         SUM(CASE WHEN status = 'cancelled' THEN weight ELSE 0 END) AS cancelled
  FROM calls
  GROUP BY day
)
SELECT sums.day,
       CAST(ROUND(requests) AS BIGINT) AS requests,
       CAST(ROUND(ok) AS BIGINT) AS ok,
       CAST(ROUND(rejected) AS BIGINT) AS rejected,
       CAST(ROUND(error) AS BIGINT) AS error,
       CAST(ROUND(timeout) AS BIGINT) AS timeout,
       CAST(ROUND(cancelled) AS BIGINT) AS cancelled,
       CASE WHEN marked.at IS NOT NULL THEN CAST(ROUND(requests) AS BIGINT) END AS mark,
       marked.words AS mark_words
FROM sums LEFT JOIN marked ON marked.at = sums.day
ORDER BY sums.day
