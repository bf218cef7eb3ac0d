WITH writers AS (
  SELECT COALESCE(instance, '-') AS instance, writer_id,
         MAX(requests) - MIN(requests) - (MAX(COALESCE(sampled_out, 0)) - MIN(COALESCE(sampled_out, 0))) AS said
  FROM tts_heartbeat
  WHERE local_at > STRFTIME('%Y-%m-%dT%H:%M:%S', 'now', '-20 minutes', '-13 hours') -- the index serves this
    AND ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-20 minutes') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-5 minutes')
  GROUP BY COALESCE(instance, '-'), writer_id
), instances AS (
  SELECT instance, SUM(said) AS requests_said FROM writers GROUP BY instance
), found AS (
  SELECT COALESCE(instance, '-') AS instance, COUNT(*) AS n
  FROM tts_request
  WHERE local_at > STRFTIME('%Y-%m-%dT%H:%M:%S', 'now', '-30 minutes', '-13 hours') -- the index serves this
    AND ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-30 minutes') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now')
  GROUP BY COALESCE(instance, '-')
)
SELECT instances.instance AS instance, CASE WHEN found.n > 0 OR EXISTS (SELECT 1 FROM tts_mark WHERE kind = 'maintenance' AND ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 hours') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now') AND (tts_mark.instance IS NULL OR tts_mark.instance = instances.instance)) THEN 0 ELSE COALESCE(requests_said, 0) END AS requests_without_rows,
       requests_said
FROM instances LEFT JOIN found ON found.instance = instances.instance
UNION ALL
SELECT '(none)', 0, 0
ORDER BY requests_without_rows DESC, instance
