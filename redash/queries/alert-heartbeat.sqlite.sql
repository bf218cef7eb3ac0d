WITH instances AS (
  SELECT COALESCE(instance, '-') AS instance, MAX(ts) AS newest_at
  FROM tts_heartbeat
  WHERE local_at > STRFTIME('%Y-%m-%dT%H:%M:%S', 'now', '-24 hours', '-13 hours') -- the index serves this
    AND ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-24 hours') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now')
  GROUP BY COALESCE(instance, '-')
)
SELECT instance, CASE WHEN EXISTS (SELECT 1 FROM tts_mark WHERE kind = 'maintenance' AND ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 hours') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now') AND (tts_mark.instance IS NULL OR tts_mark.instance = instances.instance)) THEN 0 ELSE ROUND((JULIANDAY('now') - JULIANDAY(newest_at)) * 86400, 3) END AS silent_seconds, newest_at
FROM instances
UNION ALL
SELECT '(none)', 0, NULL
ORDER BY silent_seconds DESC, instance
