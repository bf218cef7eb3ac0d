WITH calls AS (
  SELECT COALESCE(engine, '-') AS engine, CASE WHEN ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-6 hours') THEN 1 ELSE 0 END AS recent,
         synthesis_seconds / audio_seconds AS rtf, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at > STRFTIME('%Y-%m-%dT%H:%M:%S', 'now', '-174 hours', '-13 hours') -- the index serves this
    AND ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-174 hours') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now')
    AND status = 'ok' AND audio_seconds > 0 AND synthesis_seconds IS NOT NULL
), ranked AS (
  SELECT engine, recent, rtf,
         SUM(weight) OVER (PARTITION BY engine, recent ORDER BY rtf ROWS UNBOUNDED PRECEDING) AS rank_up_to,
         SUM(weight) OVER (PARTITION BY engine, recent) AS rank_of_all
  FROM calls
), sides AS (
  SELECT engine, recent, COUNT(*) AS n, MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 95 THEN rtf END) AS p95
  FROM ranked
  GROUP BY engine, recent
), pairs AS (
  SELECT now_.engine, now_.n AS requests, now_.p95 AS rtf_p95, before_.p95 AS rtf_p95_before,
         CASE WHEN now_.n >= 100 AND before_.n >= 100 AND before_.p95 > 0 AND NOT EXISTS (SELECT 1 FROM tts_mark WHERE kind = 'maintenance' AND ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 hours') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now')) THEN now_.p95 / before_.p95 ELSE 1 END AS times_as_slow
  FROM sides now_ JOIN sides before_ ON before_.engine = now_.engine AND now_.recent = 1 AND before_.recent = 0
)
SELECT engine, times_as_slow, rtf_p95, rtf_p95_before, requests
FROM pairs
UNION ALL
SELECT '(none)', 1, NULL, NULL, 0
ORDER BY times_as_slow DESC, engine
