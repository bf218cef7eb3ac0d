-- title: {en: Quarantined lines, zh-CN: 隔离的日志行}
-- description: {en: "By kind, not yet resolved", zh-CN: "按类型，尚未处理"}
-- details:
--   en: Lines that look like a request and can't become a row, by kind, not yet resolved; one row says so where there are none. `tts-etl status` says where they came from.
--   zh-CN: 看似请求却无法成为数据行、且尚未处理的日志行，按类型统计；没有时有一行说明。`tts-etl status` 会说明其来源。
-- schedule: {interval_seconds: 900}
-- tags: [tts, pipeline]
SELECT kind, source_id, COUNT(*) AS lines, COALESCE(SUBSTR(CAST(MAX(first_seen_at) AT TIME ZONE 'UTC' AS VARCHAR), 1, 19), '–') AS newest_first_seen
FROM ingest_quarantine
WHERE resolved_at IS NULL
GROUP BY kind, source_id
UNION ALL
SELECT 'none · 无', '–', 0, '–'
WHERE NOT EXISTS (SELECT 1 FROM ingest_quarantine WHERE resolved_at IS NULL)
ORDER BY lines DESC, kind, source_id
