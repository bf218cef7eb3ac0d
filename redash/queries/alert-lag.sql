-- title: {en: Lag above 5 minutes, zh-CN: 加载延迟超过 5 分钟}
-- description:
--   en: >
--     By source the seconds that the oldest unread byte waits, or since the last pass without trouble if that is
--     longer. A source whose last good pass is more than a day ago is no longer followed: it was loaded once, by
--     hand. It never lacks a row and never a value: a quiet night and a maintenance mark of the last hour give a
--     value that is in order, so the alert is never UNKNOWN.
--   zh-CN: >
--     各来源最旧的未读字节等待的秒数，或距最近一次顺利加载的秒数（取较大者）。最近一次顺利加载超过一天的来源不再跟踪：它是手工一次性加载的。查询总有一行且总有数值：安静的夜晚和最近一小时内的维护标记给出正常值，因此告警不会变为 UNKNOWN。
-- tags: [tts, alert]
-- schedule: {interval_seconds: 60}
WITH sources AS (
  SELECT source_id, lag_bytes,
         CASE WHEN lag_bytes > 0 THEN EXTRACT(EPOCH FROM NOW() - oldest_unimported_at) END AS waiting_seconds,
         EXTRACT(EPOCH FROM NOW() - last_success_at) AS silent_seconds
  FROM ingest_source
  WHERE last_success_at > NOW() - INTERVAL '24 hours'
)
SELECT source_id, CASE WHEN EXISTS (SELECT 1 FROM tts_mark WHERE kind = 'maintenance' AND ts > NOW() - INTERVAL '1 hours' AND ts <= NOW()) THEN 0 WHEN waiting_seconds > silent_seconds THEN waiting_seconds ELSE silent_seconds END AS lag_seconds, lag_bytes
FROM sources
UNION ALL
SELECT '(none)', 0, 0
ORDER BY lag_seconds DESC, source_id
