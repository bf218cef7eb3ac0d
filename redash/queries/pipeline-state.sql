-- title: {en: "State of the pipeline", zh-CN: "管道状态"}
-- details:
--   en: >
--     One row about the whole database: bytes of the logs that are not loaded yet, the age of the longest waiting
--     file, archives that are not whole yet, open lines in quarantine, and bytes that were seen and are gone.
--   zh-CN: >
--     关于整个数据库的一行：尚未加载的日志字节数、等待最久的文件距今多久、尚不完整的归档数、隔离区中未处理的行数，以及见过但已消失的字节数。
-- tags: [tts, pipeline]
SELECT (SELECT SUM(lag_bytes) FROM ingest_source) AS lag_bytes,
       (SELECT COALESCE(EXTRACT(EPOCH FROM NOW() - MIN(oldest_unimported_at)), 0) FROM ingest_source) AS waiting_seconds,
       (SELECT SUM(not_ready_archives) FROM ingest_source) AS not_ready_archives,
       (SELECT COUNT(*) FROM ingest_quarantine WHERE resolved_at IS NULL) AS quarantined_lines,
       (SELECT SUM(lost_bytes) FROM ingest_stream) AS lost_bytes
