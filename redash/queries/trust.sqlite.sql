WITH newest AS (
  SELECT ts, local_at FROM tts_request ORDER BY local_at DESC LIMIT 1
), loaded AS (
  SELECT SUM(n_ok + n_replayed + n_reprocessed) AS lines FROM ingest_stream
), refused AS (
  SELECT COUNT(*) AS lines FROM ingest_quarantine WHERE resolved_at IS NULL
), ages AS (
  -- a line ahead of this clock is new, not younger than nothing
  SELECT (SELECT MAX(0, JULIANDAY('now') - JULIANDAY(ts)) * 86400 FROM newest) AS newest_age_seconds,
         (SELECT (JULIANDAY('now') - JULIANDAY(MIN(last_success_at))) * 86400 FROM ingest_source) AS last_success_age_seconds
)
SELECT (SELECT value FROM setting WHERE name = 'report_timezone') AS report_timezone,
       COALESCE((SELECT SUBSTR(REPLACE(CAST(local_at AS VARCHAR), 'T', ' '), 1, 19) FROM newest), '–') AS newest_at_words,
       newest_age_seconds, last_success_age_seconds,
       -- as texts: Redash knows no minutes and no hours
       CASE WHEN newest_age_seconds < 120 THEN CAST(CAST(ROUND(newest_age_seconds) AS BIGINT) AS VARCHAR) || ' s' WHEN newest_age_seconds < 7200 THEN CAST(CAST(ROUND(newest_age_seconds / 60) AS BIGINT) AS VARCHAR) || ' min'
            WHEN newest_age_seconds < 172800 THEN CAST(CAST(ROUND(newest_age_seconds / 3600) AS BIGINT) AS VARCHAR) || ' h' WHEN newest_age_seconds IS NULL THEN 'none yet · 尚无' ELSE CAST(CAST(ROUND(newest_age_seconds / 86400) AS BIGINT) AS VARCHAR) || ' d' END AS newest_words,
       CASE WHEN last_success_age_seconds < 120 THEN CAST(CAST(ROUND(last_success_age_seconds) AS BIGINT) AS VARCHAR) || ' s' WHEN last_success_age_seconds < 7200 THEN CAST(CAST(ROUND(last_success_age_seconds / 60) AS BIGINT) AS VARCHAR) || ' min'
            WHEN last_success_age_seconds < 172800 THEN CAST(CAST(ROUND(last_success_age_seconds / 3600) AS BIGINT) AS VARCHAR) || ' h' WHEN last_success_age_seconds IS NULL THEN 'none yet · 尚无' ELSE CAST(CAST(ROUND(last_success_age_seconds / 86400) AS BIGINT) AS VARCHAR) || ' d' END AS last_success_words,
       (SELECT SUM(lag_bytes) FROM ingest_source) AS lag_bytes,
       refused.lines AS rejected_lines,
       100.0 * refused.lines / NULLIF(COALESCE(loaded.lines, 0) + refused.lines, 0) AS rejected_percent
FROM loaded CROSS JOIN refused CROSS JOIN ages
