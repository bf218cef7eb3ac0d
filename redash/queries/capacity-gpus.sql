-- title: {en: GPUs, zh-CN: GPU 一览}
-- description: {en: "From heartbeats; an idle GPU is seen only there", zh-CN: "来自心跳；空闲的 GPU 只能在那里看到"}
-- details:
--   en: >
--     Each GPU that heartbeats of the period tell of: its mean utilization, the idle rest, and the memory that was
--     free when most was used.
--   zh-CN: >
--     时间段内心跳提到的每块 GPU：平均利用率、空闲余量，以及用得最多时的剩余显存。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
-- tags: [tts]
WITH readings AS (
  SELECT local_at, (reading ->> 'name') || ' ' || (reading ->> 'uuid') AS gpu,
         CAST(reading ->> 'utilization_mean' AS DOUBLE PRECISION) AS utilization, CAST(reading ->> 'memory_used_bytes' AS DOUBLE PRECISION) AS used_bytes, CAST(reading ->> 'memory_total_bytes' AS DOUBLE PRECISION) AS total_bytes
  FROM tts_heartbeat
  CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS(CASE WHEN JSONB_TYPEOF(gpus) = 'array' THEN gpus ELSE '[]' END) AS gpu (reading)
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
), found AS (
  SELECT gpu, COUNT(*) AS heartbeats, AVG(utilization) AS mean_utilization, MAX(used_bytes) AS most_used_bytes, MAX(total_bytes) AS total_bytes,
         MAX(local_at) AS newest_at
  FROM readings
  GROUP BY gpu
)
SELECT gpu, heartbeats, 100 * mean_utilization AS busy_percent, 100 - 100 * mean_utilization AS idle_percent, most_used_bytes, total_bytes,
       total_bytes - most_used_bytes AS headroom_bytes, newest_at
FROM found
UNION ALL
SELECT 'these lines have no heartbeat with a GPU · 这些行没有含 GPU 的心跳', 0, NULL, NULL, NULL, NULL, NULL, NULL
WHERE NOT EXISTS (SELECT 1 FROM found)
ORDER BY gpu
