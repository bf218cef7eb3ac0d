-- title: {en: "Lines by day of loading", zh-CN: "按加载日的行数"}
-- details:
--   en: >
--     What became of the lines that were read on each day (UTC), from the ledger of batches: loaded, duplicate
--     (loaded before), set aside in quarantine, skipped or blank, expired or erased. rejected_percent is
--     quarantined over loaded and quarantined. batch_seconds is the mean time of a batch. The running day is
--     marked.
--   zh-CN: >
--     每天（UTC）读到的行的去向，来自批次台账：已加载、重复（此前已加载）、隔离、跳过或空行、过期或已删除。rejected_percent 为隔离行占（已加载 + 隔离）的比例；batch_seconds 为批次平均用时。尚未结束的一天会标出。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
-- tags: [tts, pipeline]
WITH days AS (
  SELECT DATE(committed_at AT TIME ZONE 'UTC') AS day, COUNT(*) AS batches, SUM(n_ok) AS loaded, SUM(n_dup) AS duplicate, SUM(n_quarantined) AS quarantined,
         SUM(n_skipped + n_blank) AS skipped, SUM(n_expired + n_erased) AS expired,
         SUM(to_off - from_off) AS bytes,
         AVG(EXTRACT(EPOCH FROM committed_at - begun_at)) AS batch_seconds
  FROM ingest_batch
  WHERE committed_at BETWEEN (CAST('{{ period.start }}' AS TIMESTAMP) AT TIME ZONE 'UTC') AND (CAST('{{ period.end }}.999999' AS TIMESTAMP) AT TIME ZONE 'UTC')
  GROUP BY DATE(committed_at AT TIME ZONE 'UTC')
)
SELECT day, CAST(loaded AS BIGINT) AS loaded, CAST(duplicate AS BIGINT) AS duplicate, CAST(quarantined AS BIGINT) AS quarantined,
       CAST(skipped AS BIGINT) AS skipped, CAST(expired AS BIGINT) AS expired,
       100.0 * quarantined / NULLIF(loaded + quarantined, 0) AS rejected_percent,
       CAST(batches AS BIGINT) AS batches, CAST(bytes AS BIGINT) AS bytes, batch_seconds,
       CASE WHEN day = DATE(NOW() AT TIME ZONE 'UTC') THEN 1 END AS mark,
       CASE WHEN day = DATE(NOW() AT TIME ZONE 'UTC') THEN 'today, so far · 今天，还没结束' END AS mark_words
FROM days
ORDER BY day
