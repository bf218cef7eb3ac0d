SELECT (SELECT SUM(lag_bytes) FROM ingest_source) AS lag_bytes,
       (SELECT COALESCE((JULIANDAY('now') - JULIANDAY(MIN(oldest_unimported_at))) * 86400, 0) FROM ingest_source) AS waiting_seconds,
       (SELECT SUM(not_ready_archives) FROM ingest_source) AS not_ready_archives,
       (SELECT COUNT(*) FROM ingest_quarantine WHERE resolved_at IS NULL) AS quarantined_lines,
       (SELECT SUM(lost_bytes) FROM ingest_stream) AS lost_bytes
