WITH RECURSIVE days AS (
  SELECT DATE(committed_at) AS day, COUNT(*) AS batches, SUM(n_ok) AS loaded, SUM(n_dup) AS duplicate, SUM(n_quarantined) AS quarantined,
         SUM(n_skipped + n_blank) AS skipped, SUM(n_expired + n_erased) AS expired,
         SUM(to_off - from_off) AS bytes,
         AVG((JULIANDAY(committed_at) - JULIANDAY(begun_at)) * 86400) AS batch_seconds
  FROM ingest_batch
  WHERE committed_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999Z', ' ', 'T')
  GROUP BY DATE(committed_at)
), span (day) AS (
  SELECT MAX(DATE(MIN(day), '-6 days'), DATE('{{ period.start }}')) FROM days HAVING COUNT(*) > 0
  UNION ALL
  SELECT DATE(span.day, '+1 day') FROM span WHERE span.day < (SELECT MAX(day) FROM days)
)
SELECT span.day AS day, CAST(span.day AS VARCHAR) || ' UTC' AS day_words,
       CAST(COALESCE(loaded, 0) AS BIGINT) AS loaded, CAST(COALESCE(duplicate, 0) AS BIGINT) AS duplicate,
       CAST(COALESCE(quarantined, 0) AS BIGINT) AS quarantined, CAST(COALESCE(skipped, 0) AS BIGINT) AS skipped,
       CAST(COALESCE(expired, 0) AS BIGINT) AS expired,
       100.0 * quarantined / NULLIF(loaded + quarantined, 0) AS rejected_percent,
       CAST(COALESCE(batches, 0) AS BIGINT) AS batches, CAST(COALESCE(bytes, 0) AS BIGINT) AS bytes, COALESCE(batch_seconds, 0) AS batch_seconds,
       CASE WHEN span.day = DATE('now') THEN 1 END AS mark,
       CASE WHEN span.day = DATE('now') THEN loaded + duplicate + skipped + expired + quarantined END AS mark_height,
       CASE WHEN span.day = DATE('now') THEN 'today, so far · 今天，还没结束' END AS mark_words
FROM span LEFT JOIN days ON days.day = span.day
ORDER BY span.day
