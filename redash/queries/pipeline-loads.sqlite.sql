WITH days AS (
  SELECT DATE(committed_at) AS day, COUNT(*) AS batches, SUM(n_ok) AS loaded, SUM(n_dup) AS duplicate, SUM(n_quarantined) AS quarantined,
         SUM(n_skipped + n_blank) AS skipped, SUM(n_expired + n_erased) AS expired,
         SUM(to_off - from_off) AS bytes,
         AVG((JULIANDAY(committed_at) - JULIANDAY(begun_at)) * 86400) AS batch_seconds
  FROM ingest_batch
  WHERE committed_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999Z', ' ', 'T')
  GROUP BY DATE(committed_at)
)
SELECT day, CAST(loaded AS BIGINT) AS loaded, CAST(duplicate AS BIGINT) AS duplicate, CAST(quarantined AS BIGINT) AS quarantined,
       CAST(skipped AS BIGINT) AS skipped, CAST(expired AS BIGINT) AS expired,
       100.0 * quarantined / NULLIF(loaded + quarantined, 0) AS rejected_percent,
       CAST(batches AS BIGINT) AS batches, CAST(bytes AS BIGINT) AS bytes, batch_seconds,
       CASE WHEN day = DATE('now') THEN 1 END AS mark,
       CASE WHEN day = DATE('now') THEN 'today, so far · 今天，还没结束' END AS mark_words
FROM days
ORDER BY day
