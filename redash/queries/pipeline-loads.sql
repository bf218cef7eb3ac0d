-- title: {en: "Lines by day of loading", zh-CN: "按加载日的行数"}
-- details:
--   en: >
--     What became of the lines that were read on each day (UTC), from the ledger of batches: loaded, duplicate
--     (loaded before), set aside in quarantine, skipped or blank, expired or erased. rejected_percent is
--     quarantined over loaded and quarantined. batch_seconds is the mean time of a batch. A day without a
--     load is 0, up to six before the first one. The running day is marked.
--   zh-CN: >
--     每天（UTC）读到的行的去向，来自批次台账：已加载、重复（此前已加载）、隔离、跳过或空行、过期或已删除。rejected_percent 为隔离行占（已加载 + 隔离）的比例；batch_seconds 为批次平均用时。没有加载的一天为 0，首次加载之前至多列出六天。尚未结束的一天会标出。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
-- tags: [tts, pipeline]
WITH RECURSIVE days AS (
  SELECT DATE(committed_at AT TIME ZONE 'UTC') AS day, COUNT(*) AS batches, SUM(n_ok) AS loaded, SUM(n_dup) AS duplicate, SUM(n_quarantined) AS quarantined,
         SUM(n_skipped + n_blank) AS skipped, SUM(n_expired + n_erased) AS expired,
         SUM(to_off - from_off) AS bytes,
         AVG(EXTRACT(EPOCH FROM committed_at - begun_at)) AS batch_seconds
  FROM ingest_batch
  WHERE committed_at BETWEEN (CAST('{{ period.start }}' AS TIMESTAMP) AT TIME ZONE 'UTC') AND (CAST('{{ period.end }}.999999' AS TIMESTAMP) AT TIME ZONE 'UTC')
  GROUP BY DATE(committed_at AT TIME ZONE 'UTC')
), span (day) AS (
  SELECT GREATEST(MIN(day) - 6, DATE('{{ period.start }}')) FROM days HAVING COUNT(*) > 0
  UNION ALL
  SELECT span.day + 1 FROM span WHERE span.day < (SELECT MAX(day) FROM days)
)
SELECT span.day AS day, CAST(span.day AS VARCHAR) || ' UTC' AS day_words,
       CAST(COALESCE(loaded, 0) AS BIGINT) AS loaded, CAST(COALESCE(duplicate, 0) AS BIGINT) AS duplicate,
       CAST(COALESCE(quarantined, 0) AS BIGINT) AS quarantined, CAST(COALESCE(skipped, 0) AS BIGINT) AS skipped,
       CAST(COALESCE(expired, 0) AS BIGINT) AS expired,
       100.0 * quarantined / NULLIF(loaded + quarantined, 0) AS rejected_percent,
       CAST(COALESCE(batches, 0) AS BIGINT) AS batches, CAST(COALESCE(bytes, 0) AS BIGINT) AS bytes, COALESCE(batch_seconds, 0) AS batch_seconds,
       CASE WHEN span.day = DATE(NOW() AT TIME ZONE 'UTC') THEN 1 END AS mark,
       CASE WHEN span.day = DATE(NOW() AT TIME ZONE 'UTC') THEN loaded + duplicate + skipped + expired + quarantined END AS mark_height,
       CASE WHEN span.day = DATE(NOW() AT TIME ZONE 'UTC') THEN 'today, so far · 今天，还没结束' END AS mark_words
FROM span LEFT JOIN days ON days.day = span.day
ORDER BY span.day
