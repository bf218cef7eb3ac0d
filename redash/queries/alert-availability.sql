-- title: {en: Availability below 95 %, zh-CN: 可用性低于 95 %}
-- description:
--   en: >
--     Availability (faults of the service alone, weighted) by instance in the last two windows of 15 minutes. The
--     value is the better one of both, and 100 where a window has fewer than 50 requests: so it fires when both
--     are below. It never lacks a row and never a value: a quiet night and a maintenance mark of the last hour
--     give a value that is in order, so the alert is never UNKNOWN.
--   zh-CN: >
--     各实例最近两个 15 分钟窗口的可用性（只计服务自身故障，加权）。取两者中较好的值；任一窗口少于 50 个请求时为 100：因此只有两个窗口都低才触发。查询总有一行且总有数值：安静的夜晚和最近一小时内的维护标记给出正常值，因此告警不会变为 UNKNOWN。
-- tags: [tts, alert]
-- schedule: {interval_seconds: 300}
WITH calls AS (
  SELECT COALESCE(instance, '-') AS instance, CASE WHEN ts > NOW() - INTERVAL '15 minutes' THEN 1 ELSE 2 END AS part,
         fault, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at > (NOW() AT TIME ZONE (SELECT value FROM setting WHERE name = 'report_timezone')) - INTERVAL '30 minutes' - INTERVAL '1 hour' -- the index serves this
    AND ts > NOW() - INTERVAL '30 minutes' AND ts <= NOW()
), parts AS (
  SELECT instance, part, COUNT(*) AS n,
         100 - 100 * SUM(CASE WHEN fault = 'service' THEN weight ELSE 0 END) / SUM(weight) AS availability
  FROM calls
  GROUP BY instance, part
), instances AS (
  SELECT instance, MIN(n) AS fewest_requests, COUNT(*) AS parts, MAX(availability) AS better_percent, EXISTS (SELECT 1 FROM tts_mark WHERE kind = 'maintenance' AND ts > NOW() - INTERVAL '1 hours' AND ts <= NOW() AND (tts_mark.instance IS NULL OR tts_mark.instance = parts.instance)) AS quiet
  FROM parts
  GROUP BY instance
)
SELECT instance, CASE WHEN parts = 2 AND fewest_requests >= 50 AND NOT quiet THEN better_percent ELSE 100 END AS availability_percent,
       fewest_requests
FROM instances
UNION ALL
SELECT '(none)', 100, 0
ORDER BY availability_percent, instance
