-- title: {en: Calls by weekday and hour, zh-CN: 按星期与小时统计的请求数}
-- description: {en: "Mean calls of such an hour", zh-CN: "该小时的平均请求数"}
-- details:
--   en: Mean calls of such an hour. Every hour from the first call of the period to the last one counts, also those without a call; an hour of the week that the period does not touch has no value.
--   zh-CN: 该小时的平均请求数。从时间段内首次请求到末次请求之间的每个小时都计入，包括没有请求的小时；时间段未覆盖的小时没有值。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT DATE_TRUNC('hour', local_at) AS hour_at, SUM(COALESCE(sample_weight, 1.0)) AS requests
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
  GROUP BY DATE_TRUNC('hour', local_at)
), hours AS (
  SELECT GENERATE_SERIES(MIN(hour_at), MAX(hour_at), INTERVAL '1 hour') AS hour_at
  FROM calls
)
SELECT weekdays.name AS weekday,
       LPAD(CAST(clock.hour AS TEXT), 2, '0') AS hour,
       COALESCE(SUM(calls.requests), 0) / NULLIF(COUNT(hours.hour_at), 0) AS mean_calls,
       COUNT(hours.hour_at) AS hours_seen
FROM (VALUES (1, '1 Mon'), (2, '2 Tue'), (3, '3 Wed'), (4, '4 Thu'), (5, '5 Fri'), (6, '6 Sat'), (7, '7 Sun')) AS weekdays (number, name)
CROSS JOIN (SELECT GENERATE_SERIES(0, 23) AS hour) AS clock
LEFT JOIN hours ON EXTRACT(ISODOW FROM hours.hour_at) = weekdays.number AND EXTRACT(HOUR FROM hours.hour_at) = clock.hour
LEFT JOIN calls ON calls.hour_at = hours.hour_at
WHERE EXISTS (SELECT 1 FROM calls)
GROUP BY 1, 2
ORDER BY 1, 2
