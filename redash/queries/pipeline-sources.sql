-- title: {en: "Sources", zh-CN: "数据源"}
-- description: {en: "As the last pass left them; moments are UTC", zh-CN: "最近一次加载后的状态；时间为 UTC"}
-- details:
--   en: >
--     One row a source of logs, as its last pass left it: what waits, what went wrong last, and whether a watch
--     lives. Moments are UTC.
--   zh-CN: >
--     每个日志来源一行，为最近一次加载后的状态：还有多少未读、最近的错误，以及监视是否在运行。时间为 UTC。
-- tags: [tts, pipeline]
-- may_be_empty: true
SELECT source_id, last_success_at, last_pass_at, lag_bytes, oldest_unimported_at, not_ready_archives,
       COALESCE(watch, 'none · 无') AS watch, watch_at, COALESCE(last_error, '–') AS last_error, timezone
FROM ingest_source
ORDER BY source_id
