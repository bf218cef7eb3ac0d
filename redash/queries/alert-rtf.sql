-- title: {en: RTF twice that of the week before, zh-CN: RTF 是前一周的两倍}
-- description:
--   en: >
--     P95 of synthesis seconds over audio seconds by engine (exact, nearest rank, weighted, ok requests) of the
--     last six hours, over that of the seven days before. The value is 1 where either has fewer than 100 requests.
--     It never lacks a row and never a value: a quiet night and a maintenance mark of the last hour give a value
--     that is in order, so the alert is never UNKNOWN.
--   zh-CN: >
--     各引擎最近六小时合成秒数与音频秒数之比的 P95（精确、最近秩、加权、成功请求）除以之前七天的值。任一方少于 100 个请求时为 1。查询总有一行且总有数值：安静的夜晚和最近一小时内的维护标记给出正常值，因此告警不会变为 UNKNOWN。
-- tags: [tts, alert]
-- schedule: {interval_seconds: 900}
WITH calls AS (
  SELECT COALESCE(engine, '-') AS engine, CASE WHEN ts > NOW() - INTERVAL '6 hours' THEN 1 ELSE 0 END AS recent,
         synthesis_seconds / audio_seconds AS rtf, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at > (NOW() AT TIME ZONE (SELECT value FROM setting WHERE name = 'report_timezone')) - INTERVAL '174 hours' - INTERVAL '1 hour' -- the index serves this
    AND ts > NOW() - INTERVAL '174 hours' AND ts <= NOW()
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
         CASE WHEN now_.n >= 100 AND before_.n >= 100 AND before_.p95 > 0 AND NOT EXISTS (SELECT 1 FROM tts_mark WHERE kind = 'maintenance' AND ts > NOW() - INTERVAL '1 hours' AND ts <= NOW()) THEN now_.p95 / before_.p95 ELSE 1 END AS times_as_slow
  FROM sides now_ JOIN sides before_ ON before_.engine = now_.engine AND now_.recent = 1 AND before_.recent = 0
)
SELECT engine, times_as_slow, rtf_p95, rtf_p95_before, requests
FROM pairs
UNION ALL
SELECT '(none)', 1, NULL, NULL, 0
ORDER BY times_as_slow DESC, engine
