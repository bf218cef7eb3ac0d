-- title: Quarantined lines
-- description: Lines that look like a request and can't become a row, by kind, not yet resolved. `tts-etl status` says where they came from.
-- tags: [tts, pipeline]
-- may_be_empty: true
SELECT kind, source_id, COUNT(*) AS lines, MAX(first_seen_at) AS newest_first_seen_at
FROM ingest_quarantine
WHERE resolved_at IS NULL
GROUP BY kind, source_id
ORDER BY lines DESC, kind, source_id
