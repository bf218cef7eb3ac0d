-- title: {en: Rejected lines above 1 %, zh-CN: 拒收行超过 1 %}
-- description:
--   en: >
--     Lines that could not become rows (quarantine), in per cent of the request lines that were read in the last
--     hour. The value is 0 with fewer than 100 lines. It never lacks a row and never a value: a quiet night and a
--     maintenance mark of the last hour give a value that is in order, so the alert is never UNKNOWN.
--   zh-CN: >
--     最近一小时读到的请求行中无法成为数据行（隔离）的百分比。少于 100 行时为 0。查询总有一行且总有数值：安静的夜晚和最近一小时内的维护标记给出正常值，因此告警不会变为 UNKNOWN。
-- tags: [tts, alert]
-- schedule: {interval_seconds: 300}
WITH read_lines AS (
  SELECT COALESCE(SUM(n_ok + n_quarantined), 0) AS lines, COALESCE(SUM(n_quarantined), 0) AS rejected_lines
  FROM ingest_batch
  WHERE committed_at > NOW() - INTERVAL '1 hours' AND committed_at <= NOW()
)
SELECT CASE WHEN lines >= 100 AND NOT EXISTS (SELECT 1 FROM tts_mark WHERE kind = 'maintenance' AND ts > NOW() - INTERVAL '1 hours' AND ts <= NOW()) THEN 100.0 * rejected_lines / lines ELSE 0 END AS rejected_percent, rejected_lines, lines
FROM read_lines
