-- title: Freshness
-- description: One row about the whole database, whatever the filters say. The age is that of the newest request; a service that nobody calls writes none.
-- tags: [tts, pipeline]
SELECT (SELECT value FROM setting WHERE name = 'report_timezone') AS report_timezone,
       (SELECT MAX(local_at) FROM tts_request) AS newest_at,
       EXTRACT(EPOCH FROM NOW() - (SELECT ts FROM tts_request ORDER BY local_at DESC LIMIT 1)) AS newest_age_seconds,
       EXTRACT(EPOCH FROM NOW() - (SELECT MIN(last_success_at) FROM ingest_source)) AS last_success_age_seconds,
       (SELECT SUM(lag_bytes) FROM ingest_source) AS lag_bytes,
       (SELECT COUNT(*) FROM ingest_quarantine WHERE resolved_at IS NULL) AS quarantined_lines
