-- title: {en: Lost lines, zh-CN: 丢失的行}
-- description: {en: "The whole database: requests that happened and are on no dashboard", zh-CN: "整个数据库：发生过但不在任何仪表板中的请求"}
-- details:
--   en: >
--     About the whole database, whatever the filters say. Each writer numbers its lines: a number that is no row,
--     not in quarantine and not erased is a lost line. Lines that could not be written are what heartbeats tell (a
--     full disk). Bytes gone are those of a log that was cut or deleted before it was read.
--   zh-CN: >
--     关于整个数据库，与筛选无关。每个写入者为自己的行编号：既不是数据行、也不在隔离区、也未被删除的编号就是丢失的行。无法写入的行由心跳报告（磁盘已满）。消失的字节是日志在读取前被截断或删除的部分。
-- tags: [tts, pipeline]
WITH seen AS (
  SELECT writer_id, MIN(seq) AS lowest, MAX(seq) AS highest, COUNT(*) AS lines FROM tts_request GROUP BY writer_id
  UNION ALL
  SELECT writer_id, MIN(seq), MAX(seq), COUNT(*) FROM tts_heartbeat GROUP BY writer_id
  UNION ALL
  SELECT writer_id, MIN(seq), MAX(seq), COUNT(*) FROM tts_mark GROUP BY writer_id
), elsewhere AS (
  SELECT writer_id, COUNT(*) AS lines
  FROM ingest_quarantine
  WHERE writer_id IS NOT NULL AND kind NOT IN ('key_conflict', 'glued') AND status <> 'resolved'
  GROUP BY writer_id
  UNION ALL
  SELECT writer_id, COUNT(*)
  FROM erased_key
  WHERE writer_id IS NOT NULL
    AND (event_day >= (SELECT purged_before FROM retention_state WHERE name = 'events')
         OR NOT EXISTS (SELECT 1 FROM retention_state WHERE name = 'events'))
  GROUP BY writer_id
), writers AS (
  -- after a purge, which may have taken a writer's first lines, only the numbers above its lowest one are looked at
  SELECT writer_id,
         MAX(highest) - CASE WHEN EXISTS (SELECT 1 FROM retention_state WHERE name = 'events') THEN MIN(lowest) - 1 ELSE 0 END
         - SUM(lines) - COALESCE((SELECT SUM(lines) FROM elsewhere WHERE elsewhere.writer_id = seen.writer_id), 0) AS gaps
  FROM seen
  WHERE SUBSTR(writer_id, 1, 2) <> 's:'
  GROUP BY writer_id
), unwritten AS (
  SELECT writer_id, MAX(failed_writes) AS lines FROM tts_heartbeat GROUP BY writer_id
)
SELECT 'numbered and nowhere · 有编号但不存在' AS what, CAST(COALESCE(SUM(gaps), 0) AS BIGINT) AS lines, COUNT(*) AS writers
FROM writers WHERE gaps > 0
UNION ALL
SELECT 'of these, could not be written · 其中无法写入', CAST(COALESCE(SUM(lines), 0) AS BIGINT), COUNT(*)
FROM unwritten WHERE lines > 0
UNION ALL
SELECT 'set aside in quarantine · 已隔离', COUNT(*), COUNT(DISTINCT writer_id)
FROM ingest_quarantine WHERE resolved_at IS NULL
UNION ALL
SELECT 'bytes gone before they were read · 读取前消失的字节', CAST(COALESCE(SUM(lost_bytes), 0) AS BIGINT), COUNT(*)
FROM ingest_stream WHERE lost_bytes > 0
