WITH sources AS (
  SELECT source_id, lag_bytes,
         CASE WHEN lag_bytes > 0 THEN ROUND((JULIANDAY('now') - JULIANDAY(oldest_unimported_at)) * 86400, 3) END AS waiting_seconds,
         ROUND((JULIANDAY('now') - JULIANDAY(last_success_at)) * 86400, 3) AS silent_seconds
  FROM ingest_source
  WHERE last_success_at > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-24 hours')
)
SELECT source_id, CASE WHEN EXISTS (SELECT 1 FROM tts_mark WHERE kind = 'maintenance' AND ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 hours') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now')) THEN 0 WHEN waiting_seconds > silent_seconds THEN waiting_seconds ELSE silent_seconds END AS lag_seconds, lag_bytes
FROM sources
UNION ALL
SELECT '(none)', 0, 0
ORDER BY lag_seconds DESC, source_id
