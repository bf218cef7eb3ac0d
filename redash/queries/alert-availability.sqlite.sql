WITH calls AS (
  SELECT COALESCE(instance, '-') AS instance, CASE WHEN ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-15 minutes') THEN 1 ELSE 2 END AS part,
         fault, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at > STRFTIME('%Y-%m-%dT%H:%M:%S', 'now', '-30 minutes', '-13 hours') -- the index serves this
    AND ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-30 minutes') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now')
), parts AS (
  SELECT instance, part, COUNT(*) AS n,
         100 - 100 * SUM(CASE WHEN fault = 'service' THEN weight ELSE 0 END) / SUM(weight) AS availability
  FROM calls
  GROUP BY instance, part
), instances AS (
  SELECT instance, MIN(n) AS fewest_requests, COUNT(*) AS parts, MAX(availability) AS better_percent, EXISTS (SELECT 1 FROM tts_mark WHERE kind = 'maintenance' AND ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 hours') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now') AND (tts_mark.instance IS NULL OR tts_mark.instance = parts.instance)) AS quiet
  FROM parts
  GROUP BY instance
)
SELECT instance, CASE WHEN parts = 2 AND fewest_requests >= 50 AND NOT quiet THEN better_percent ELSE 100 END AS availability_percent,
       fewest_requests
FROM instances
UNION ALL
SELECT '(none)', 100, 0
ORDER BY availability_percent, instance
