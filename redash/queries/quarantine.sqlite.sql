SELECT kind, source_id, COUNT(*) AS lines, COALESCE(SUBSTR(REPLACE(MAX(first_seen_at), 'T', ' '), 1, 19), '–') AS newest_first_seen
FROM ingest_quarantine
WHERE resolved_at IS NULL
GROUP BY kind, source_id
UNION ALL
SELECT 'none · 无', '–', 0, '–'
WHERE NOT EXISTS (SELECT 1 FROM ingest_quarantine WHERE resolved_at IS NULL)
ORDER BY lines DESC, kind, source_id
