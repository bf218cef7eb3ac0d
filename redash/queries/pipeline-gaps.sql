-- title: {en: "Gaps of writers", zh-CN: "写入者的空缺"}
-- description: {en: "Numbers that a writer gave and that are nowhere", zh-CN: "写入者编过号但不存在的行"}
-- details:
--   en: >
--     Each writer numbers its lines. What is missing between the lowest and the highest number of a writer's rows
--     of the period, less its lines in quarantine and its erased ones of these days, was lost before it was
--     loaded. The writers with the most missing lines; one row says so where nothing is missing. Lines of the
--     older forms have no numbers.
--   zh-CN: >
--     每个写入者为自己的行编号。在时间段内，写入者最小与最大编号之间缺少的行，减去其隔离和已删除的行，就是加载前丢失的行。列出缺失最多的写入者；没有缺失时有一行说明。旧格式的行没有编号。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
-- tags: [tts, pipeline]
WITH seen AS (
  SELECT writer_id, MIN(instance) AS instance, MIN(seq) AS lowest, MAX(seq) AS highest, COUNT(*) AS lines, -- unweighted: numbers of lines
         MIN(local_at) AS first_at, MAX(local_at) AS last_at
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
  GROUP BY writer_id
  UNION ALL
  SELECT writer_id, MIN(instance), MIN(seq), MAX(seq), COUNT(*), MIN(local_at), MAX(local_at)
  FROM tts_heartbeat
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
  GROUP BY writer_id
  UNION ALL
  SELECT writer_id, MIN(instance), MIN(seq), MAX(seq), COUNT(*), MIN(local_at), MAX(local_at)
  FROM tts_mark
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
  GROUP BY writer_id
), writers AS (
  SELECT writer_id, MIN(instance) AS instance, MIN(first_at) AS first_at, MAX(last_at) AS last_at, SUM(lines) AS lines,
         MAX(highest) - MIN(lowest) + 1 - SUM(lines) AS missing
  FROM seen
  WHERE SUBSTR(writer_id, 1, 2) <> 's:'
  GROUP BY writer_id
), known AS (
  SELECT writer_id, COUNT(*) AS lines
  FROM ingest_quarantine
  WHERE writer_id IS NOT NULL AND kind NOT IN ('key_conflict', 'glued') AND status <> 'resolved'
  GROUP BY writer_id
), gone AS (
  SELECT writer_id, COUNT(*) AS lines FROM erased_key WHERE writer_id IS NOT NULL GROUP BY writer_id
), gaps AS (
  SELECT writers.writer_id, instance, first_at, last_at, writers.lines, missing,
         missing - COALESCE(known.lines, 0) - COALESCE(gone.lines, 0) AS lost
  FROM writers LEFT JOIN known ON known.writer_id = writers.writer_id LEFT JOIN gone ON gone.writer_id = writers.writer_id
)
SELECT writer_id, COALESCE(instance, '–') AS instance, first_at, last_at, CAST(lines AS BIGINT) AS lines, CAST(lost AS BIGINT) AS lost
FROM gaps
WHERE lost > 0
UNION ALL
SELECT CASE WHEN lines IS NULL THEN 'no numbered lines in this period · 此时间段没有编号的行' ELSE 'none missing · 没有缺失' END,
       '–', first_at, last_at, CAST(COALESCE(lines, 0) AS BIGINT), 0
FROM (SELECT MIN(first_at) AS first_at, MAX(last_at) AS last_at, SUM(lines) AS lines, MAX(lost) AS most FROM gaps) AS whole
WHERE COALESCE(most, 0) <= 0 AND EXISTS (SELECT 1 FROM seen)
ORDER BY lost DESC, writer_id
LIMIT 100
