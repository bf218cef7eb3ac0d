-- title: {en: Freshness, zh-CN: 数据新鲜度}
-- details:
--   en: One row about the whole database, whatever the filters say. The age is that of the newest request; a service that nobody calls writes none.
--   zh-CN: 关于整个数据库的一行，与筛选条件无关。时长自最新一条请求算起；无人调用的服务不会写入请求。
-- tags: [tts, pipeline]
WITH newest AS (
  SELECT ts, local_at FROM tts_request ORDER BY local_at DESC LIMIT 1
)
SELECT (SELECT value FROM setting WHERE name = 'report_timezone') AS report_timezone,
       (SELECT local_at FROM newest) AS newest_at,
       -- a line ahead of this clock is new, not younger than nothing
       (SELECT EXTRACT(EPOCH FROM NOW() - LEAST(ts, NOW())) FROM newest) AS newest_age_seconds,
       (SELECT EXTRACT(EPOCH FROM NOW() - MIN(last_success_at)) FROM ingest_source) AS last_success_age_seconds,
       (SELECT SUM(lag_bytes) FROM ingest_source) AS lag_bytes,
       (SELECT COUNT(*) FROM ingest_quarantine WHERE resolved_at IS NULL) AS quarantined_lines
