-- title: {en: No heartbeat for 5 minutes, zh-CN: 5 分钟没有心跳}
-- description:
--   en: >
--     Seconds since the newest heartbeat of each instance that had one in the last day. A service that was taken
--     away for good is forgotten after a day. It never lacks a row and never a value: a quiet night and a
--     maintenance mark of the last hour give a value that is in order, so the alert is never UNKNOWN.
--   zh-CN: >
--     最近一天内有过心跳的各实例距最新心跳的秒数。永久下线的服务一天后不再计入。查询总有一行且总有数值：安静的夜晚和最近一小时内的维护标记给出正常值，因此告警不会变为 UNKNOWN。
-- tags: [tts, alert]
-- schedule: {interval_seconds: 60}
WITH instances AS (
  SELECT COALESCE(instance, '-') AS instance, MAX(ts) AS newest_at
  FROM tts_heartbeat
  WHERE local_at > (NOW() AT TIME ZONE (SELECT value FROM setting WHERE name = 'report_timezone')) - INTERVAL '24 hours' - INTERVAL '1 hour' -- the index serves this
    AND ts > NOW() - INTERVAL '24 hours' AND ts <= NOW()
  GROUP BY COALESCE(instance, '-')
)
SELECT instance, CASE WHEN EXISTS (SELECT 1 FROM tts_mark WHERE kind = 'maintenance' AND ts > NOW() - INTERVAL '1 hours' AND ts <= NOW() AND (tts_mark.instance IS NULL OR tts_mark.instance = instances.instance)) THEN 0 ELSE EXTRACT(EPOCH FROM NOW() - newest_at) END AS silent_seconds, newest_at
FROM instances
UNION ALL
SELECT '(none)', 0, NULL
ORDER BY silent_seconds DESC, instance
