-- title: {en: "State of the pipeline", zh-CN: "管道状态"}
-- details:
--   en: >
--     One row about the whole database: bytes of the logs that are not loaded yet, the age of the longest waiting
--     file, archives that are not whole yet, open lines in quarantine, and bytes that were seen and are gone.
--   zh-CN: >
--     关于整个数据库的一行：尚未加载的日志字节数、等待最久的文件距今多久、尚不完整的归档数、隔离区中未处理的行数，以及见过但已消失的字节数。
-- schedule: {interval_seconds: 300}
-- tags: [tts, pipeline]
WITH state AS (
  SELECT (SELECT SUM(lag_bytes) FROM ingest_source) AS lag_bytes,
         (SELECT COALESCE(EXTRACT(EPOCH FROM NOW() - MIN(oldest_unimported_at)), 0) FROM ingest_source) AS waiting_seconds,
         (SELECT SUM(not_ready_archives) FROM ingest_source) AS not_ready_archives,
         (SELECT COUNT(*) FROM ingest_quarantine WHERE resolved_at IS NULL) AS quarantined_lines,
         (SELECT SUM(lost_bytes) FROM ingest_stream) AS lost_bytes
)
SELECT lag_bytes, waiting_seconds, not_ready_archives, quarantined_lines, lost_bytes,
       -- as texts: a counter of Redash knows neither minutes nor MiB
       CASE WHEN lag_bytes < 1024 THEN CAST(lag_bytes AS VARCHAR) || ' B'
            WHEN lag_bytes < 1048576 THEN CAST(CAST(ROUND(lag_bytes / 1024.0) AS BIGINT) AS VARCHAR) || ' KiB'
            WHEN lag_bytes < 1073741824 THEN CAST(CAST(ROUND(lag_bytes / 1048576.0) AS BIGINT) AS VARCHAR) || ' MiB'
            WHEN lag_bytes >= 1073741824 THEN CAST(CAST(ROUND(lag_bytes / 1073741824.0) AS BIGINT) AS VARCHAR) || ' GiB'
            ELSE 'none yet · 尚无' END AS lag,
       CASE WHEN waiting_seconds < 120 THEN CAST(CAST(ROUND(waiting_seconds) AS BIGINT) AS VARCHAR) || ' s'
            WHEN waiting_seconds < 7200 THEN CAST(CAST(ROUND(waiting_seconds / 60) AS BIGINT) AS VARCHAR) || ' min'
            WHEN waiting_seconds < 172800 THEN CAST(CAST(ROUND(waiting_seconds / 3600) AS BIGINT) AS VARCHAR) || ' h'
            WHEN waiting_seconds >= 172800 THEN CAST(CAST(ROUND(waiting_seconds / 86400) AS BIGINT) AS VARCHAR) || ' d'
            ELSE 'none yet · 尚无' END AS waiting,
       CASE WHEN lost_bytes < 1024 THEN CAST(lost_bytes AS VARCHAR) || ' B'
            WHEN lost_bytes < 1048576 THEN CAST(CAST(ROUND(lost_bytes / 1024.0) AS BIGINT) AS VARCHAR) || ' KiB'
            WHEN lost_bytes < 1073741824 THEN CAST(CAST(ROUND(lost_bytes / 1048576.0) AS BIGINT) AS VARCHAR) || ' MiB'
            WHEN lost_bytes >= 1073741824 THEN CAST(CAST(ROUND(lost_bytes / 1073741824.0) AS BIGINT) AS VARCHAR) || ' GiB'
            ELSE 'none yet · 尚无' END AS lost
FROM state
