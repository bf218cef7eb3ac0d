WITH calls AS (
  SELECT DATE(local_at) AS day, client_hash, status, fault, COALESCE(sample_weight, 1.0) AS weight,
         CASE WHEN status = 'ok' THEN COALESCE(first_audio_seconds, total_seconds) END AS waited_seconds
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), clients AS (
  SELECT day, client_hash, SUM(weight) AS requests,
         SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) AS ok,
         SUM(CASE WHEN fault = 'service' THEN weight ELSE 0 END) AS service_faults,
         SUM(CASE WHEN waited_seconds IS NOT NULL THEN weight ELSE 0 END) AS measured,
         SUM(CASE WHEN waited_seconds > 2 THEN weight ELSE 0 END) AS slow
  FROM calls
  GROUP BY day, client_hash
), days AS (
  SELECT day, SUM(requests) AS requests, SUM(ok) / SUM(requests) AS success_rate,
         1 - SUM(service_faults) / SUM(requests) AS availability,
         SUM(slow) / NULLIF(SUM(measured), 0) AS slow_share,
         1.0 * SUM(CASE WHEN client_hash IS NOT NULL AND slow > 0 THEN 1 ELSE 0 END)
           / NULLIF(SUM(CASE WHEN client_hash IS NOT NULL AND measured > 0 THEN 1 ELSE 0 END), 0) AS slow_client_share
  FROM clients
  GROUP BY day
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
SELECT spine.day, CAST(ROUND(COALESCE(requests, 0)) AS BIGINT) AS requests, slow_share, slow_client_share, success_rate, availability,
       CASE WHEN marked.at IS NOT NULL THEN 1 END AS mark,
       marked.words AS mark_words
FROM (SELECT day FROM days UNION SELECT DATE(local_at) FROM marks) AS spine
LEFT JOIN days ON days.day = spine.day
LEFT JOIN marked ON marked.at = spine.day
ORDER BY spine.day
