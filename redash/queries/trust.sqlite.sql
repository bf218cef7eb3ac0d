WITH newest AS (
  SELECT ts, local_at FROM tts_request ORDER BY local_at DESC LIMIT 1
), loaded AS (
  SELECT SUM(n_ok + n_replayed + n_reprocessed) AS lines FROM ingest_stream
), refused AS (
  SELECT COUNT(*) AS lines FROM ingest_quarantine WHERE resolved_at IS NULL
)
SELECT (SELECT value FROM setting WHERE name = 'report_timezone') AS report_timezone,
       (SELECT local_at FROM newest) AS newest_at,
       -- a line ahead of this clock is new, not younger than nothing
       (SELECT MAX(0, JULIANDAY('now') - JULIANDAY(ts)) * 86400 FROM newest) AS newest_age_seconds,
       (SELECT (JULIANDAY('now') - JULIANDAY(MIN(last_success_at))) * 86400 FROM ingest_source) AS last_success_age_seconds,
       (SELECT SUM(lag_bytes) FROM ingest_source) AS lag_bytes,
       refused.lines AS rejected_lines,
       100.0 * refused.lines / NULLIF(COALESCE(loaded.lines, 0) + refused.lines, 0) AS rejected_percent
FROM loaded CROSS JOIN refused
