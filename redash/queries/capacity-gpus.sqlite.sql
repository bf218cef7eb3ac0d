WITH readings AS (
  SELECT local_at, JSON_EXTRACT(gpu.value, '$.name') || ' ' || JSON_EXTRACT(gpu.value, '$.uuid') AS gpu,
         JSON_EXTRACT(gpu.value, '$.utilization_mean') AS utilization, JSON_EXTRACT(gpu.value, '$.memory_used_bytes') AS used_bytes, JSON_EXTRACT(gpu.value, '$.memory_total_bytes') AS total_bytes
  FROM tts_heartbeat
  JOIN JSON_EACH(tts_heartbeat.gpus) AS gpu
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
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
