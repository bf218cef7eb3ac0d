-- title: {en: What became of the lines, zh-CN: 日志行的去向}
-- description: {en: "Every line that was read, since the first pass", zh-CN: "自首次读取以来读到的每一行"}
-- details:
--   en: Every line that was read, since the first pass. duplicate is a line that was loaded before, as after a copytruncate; skipped is no request line, as a banner; quarantined is a request line that can't become a row, kept for a look.
--   zh-CN: 自首次读取以来读到的每一行。duplicate（重复）是此前已载入的行，例如 copytruncate 之后；skipped（跳过）不是请求行，例如启动横幅；quarantined（隔离）是无法成为数据行的请求行，留待查看。
-- schedule: {interval_seconds: 900}
-- tags: [tts, pipeline]
-- may_be_empty: true
WITH counted AS (
  SELECT 1 AS place, 'loaded' AS outcome, SUM(n_ok) AS lines FROM ingest_stream
  UNION ALL SELECT 2, 'quarantined', SUM(n_quarantined) FROM ingest_stream
  UNION ALL SELECT 3, 'duplicate', SUM(n_dup) FROM ingest_stream
  UNION ALL SELECT 4, 'skipped', SUM(n_skipped) FROM ingest_stream
  UNION ALL SELECT 5, 'blank', SUM(n_blank) FROM ingest_stream
  UNION ALL SELECT 6, 'expired', SUM(n_expired) FROM ingest_stream
  UNION ALL SELECT 7, 'erased', SUM(n_erased) FROM ingest_stream
)
SELECT outcome, CAST(lines AS BIGINT) AS lines, 100.0 * lines / NULLIF(SUM(lines) OVER (), 0) AS share_percent
FROM counted
WHERE lines IS NOT NULL
ORDER BY place
