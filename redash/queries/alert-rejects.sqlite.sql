WITH read_lines AS (
  SELECT COALESCE(SUM(n_ok + n_quarantined), 0) AS lines, COALESCE(SUM(n_quarantined), 0) AS rejected_lines
  FROM ingest_batch
  WHERE committed_at > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 hours') AND committed_at <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now')
)
SELECT CASE WHEN lines >= 100 AND NOT EXISTS (SELECT 1 FROM tts_mark WHERE kind = 'maintenance' AND ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 hours') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now')) THEN 100.0 * rejected_lines / lines ELSE 0 END AS rejected_percent, rejected_lines, lines
FROM read_lines
