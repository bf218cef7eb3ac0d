-- title: {en: "Sources", zh-CN: "数据源"}
-- description: {en: "As the last pass left them; moments are UTC", zh-CN: "最近一次加载后的状态；时间为 UTC"}
-- details:
--   en: >
--     One row a source of logs, as its last pass left it: what waits, what went wrong last, and whether a watch
--     lives. Moments are UTC, as texts, since Redash writes null where there is none.
--   zh-CN: >
--     每个日志来源一行，为最近一次加载后的状态：还有多少未读、最近的错误，以及监视是否在运行。时间为 UTC，以文本给出，因为没有值时 Redash 会写 null。
-- schedule: {interval_seconds: 300}
-- tags: [tts, pipeline]
-- may_be_empty: true
SELECT source_id, COALESCE(SUBSTR(CAST(last_success_at AT TIME ZONE 'UTC' AS VARCHAR), 1, 19), '–') AS last_success, COALESCE(SUBSTR(CAST(last_pass_at AT TIME ZONE 'UTC' AS VARCHAR), 1, 19), '–') AS last_pass,
       CASE WHEN lag_bytes < 1024 THEN CAST(lag_bytes AS VARCHAR) || ' B'
            WHEN lag_bytes < 1048576 THEN CAST(CAST(ROUND(lag_bytes / 1024.0) AS BIGINT) AS VARCHAR) || ' KiB'
            WHEN lag_bytes < 1073741824 THEN CAST(CAST(ROUND(lag_bytes / 1048576.0) AS BIGINT) AS VARCHAR) || ' MiB'
            WHEN lag_bytes >= 1073741824 THEN CAST(CAST(ROUND(lag_bytes / 1073741824.0) AS BIGINT) AS VARCHAR) || ' GiB'
            ELSE '–' END AS lag,
       COALESCE(SUBSTR(CAST(oldest_unimported_at AT TIME ZONE 'UTC' AS VARCHAR), 1, 19), '–') AS waiting_since, COALESCE(CAST(not_ready_archives AS VARCHAR), '–') AS not_ready_archives,
       COALESCE(watch, 'none · 无') AS watch, COALESCE(SUBSTR(CAST(watch_at AT TIME ZONE 'UTC' AS VARCHAR), 1, 19), '–') AS watch_seen,
       COALESCE(last_error, '–') AS last_error, COALESCE(timezone, '–') AS timezone
FROM ingest_source
ORDER BY source_id
