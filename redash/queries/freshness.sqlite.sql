SELECT (SELECT value FROM setting WHERE name = 'report_timezone') AS report_timezone,
       (SELECT MAX(local_at) FROM tts_request) AS newest_at,
       (JULIANDAY('now') - JULIANDAY((SELECT ts FROM tts_request ORDER BY local_at DESC LIMIT 1))) * 86400 AS newest_age_seconds,
       (JULIANDAY('now') - JULIANDAY((SELECT MIN(last_success_at) FROM ingest_source))) * 86400 AS last_success_age_seconds,
       (SELECT SUM(lag_bytes) FROM ingest_source) AS lag_bytes,
       (SELECT COUNT(*) FROM ingest_quarantine WHERE resolved_at IS NULL) AS quarantined_lines
