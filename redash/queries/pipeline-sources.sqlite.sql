SELECT source_id, COALESCE(SUBSTR(REPLACE(last_success_at, 'T', ' '), 1, 19), '–') AS last_success, COALESCE(SUBSTR(REPLACE(last_pass_at, 'T', ' '), 1, 19), '–') AS last_pass,
       CASE WHEN lag_bytes < 1024 THEN CAST(lag_bytes AS VARCHAR) || ' B'
            WHEN lag_bytes < 1048576 THEN CAST(CAST(ROUND(lag_bytes / 1024.0) AS BIGINT) AS VARCHAR) || ' KiB'
            WHEN lag_bytes < 1073741824 THEN CAST(CAST(ROUND(lag_bytes / 1048576.0) AS BIGINT) AS VARCHAR) || ' MiB'
            WHEN lag_bytes >= 1073741824 THEN CAST(CAST(ROUND(lag_bytes / 1073741824.0) AS BIGINT) AS VARCHAR) || ' GiB'
            ELSE '–' END AS lag,
       COALESCE(SUBSTR(REPLACE(oldest_unimported_at, 'T', ' '), 1, 19), '–') AS waiting_since, COALESCE(CAST(not_ready_archives AS VARCHAR), '–') AS not_ready_archives,
       COALESCE(watch, 'none · 无') AS watch, COALESCE(SUBSTR(REPLACE(watch_at, 'T', ' '), 1, 19), '–') AS watch_seen,
       COALESCE(last_error, '–') AS last_error, COALESCE(timezone, '–') AS timezone
FROM ingest_source
ORDER BY source_id
