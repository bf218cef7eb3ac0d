-- title: {en: No rows though heartbeats say requests, zh-CN: 心跳显示有请求但没有数据行}
-- description:
--   en: >
--     Requests that the heartbeats of an instance say came in a quarter of an hour, where no row of that time is
--     in the database; 0 where there is one. Requests that sampling leaves out are taken off. The quarter ended
--     five minutes ago, so that lines may be under way. It never lacks a row and never a value: a quiet night and
--     a maintenance mark of the last hour give a value that is in order, so the alert is never UNKNOWN.
--   zh-CN: >
--     某实例的心跳显示一刻钟内到来的请求数，而数据库中没有该时段的行；若有行则为 0。抽样略去的请求已扣除。该一刻钟在五分钟前结束，以容许行在途中。查询总有一行且总有数值：安静的夜晚和最近一小时内的维护标记给出正常值，因此告警不会变为 UNKNOWN。
-- tags: [tts, alert]
-- schedule: {interval_seconds: 300}
WITH writers AS (
  SELECT COALESCE(instance, '-') AS instance, writer_id,
         MAX(requests) - MIN(requests) - (MAX(COALESCE(sampled_out, 0)) - MIN(COALESCE(sampled_out, 0))) AS said
  FROM tts_heartbeat
  WHERE local_at > (NOW() AT TIME ZONE (SELECT value FROM setting WHERE name = 'report_timezone')) - INTERVAL '20 minutes' - INTERVAL '1 hour' -- the index serves this
    AND ts > NOW() - INTERVAL '20 minutes' AND ts <= NOW() AND ts <= NOW() - INTERVAL '5 minutes'
  GROUP BY COALESCE(instance, '-'), writer_id
), instances AS (
  SELECT instance, SUM(said) AS requests_said FROM writers GROUP BY instance
), found AS (
  SELECT COALESCE(instance, '-') AS instance, COUNT(*) AS n
  FROM tts_request
  WHERE local_at > (NOW() AT TIME ZONE (SELECT value FROM setting WHERE name = 'report_timezone')) - INTERVAL '30 minutes' - INTERVAL '1 hour' -- the index serves this
    AND ts > NOW() - INTERVAL '30 minutes' AND ts <= NOW()
  GROUP BY COALESCE(instance, '-')
)
SELECT instances.instance AS instance, CASE WHEN found.n > 0 OR EXISTS (SELECT 1 FROM tts_mark WHERE kind = 'maintenance' AND ts > NOW() - INTERVAL '1 hours' AND ts <= NOW() AND (tts_mark.instance IS NULL OR tts_mark.instance = instances.instance)) THEN 0 ELSE COALESCE(requests_said, 0) END AS requests_without_rows,
       requests_said
FROM instances LEFT JOIN found ON found.instance = instances.instance
UNION ALL
SELECT '(none)', 0, 0
ORDER BY requests_without_rows DESC, instance
