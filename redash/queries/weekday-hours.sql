-- title: Calls by weekday and hour
-- description: Mean calls of such an hour. Every hour from the first call of the period to the last one counts, also those without a call.
-- parameters:
--   period: {type: datetime-range-with-seconds, title: Period, default: d_last_30_days}
--   instance: {type: query, title: Instance, query: instances, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT DATE_TRUNC('hour', local_at) AS hour_at, SUM(COALESCE(sample_weight, 1.0)) AS requests
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
  GROUP BY DATE_TRUNC('hour', local_at)
), hours AS (
  SELECT GENERATE_SERIES(MIN(hour_at), MAX(hour_at), INTERVAL '1 hour') AS hour_at
  FROM calls
)
SELECT CASE EXTRACT(ISODOW FROM hours.hour_at)
         WHEN 1 THEN '1 Mon' WHEN 2 THEN '2 Tue' WHEN 3 THEN '3 Wed' WHEN 4 THEN '4 Thu'
         WHEN 5 THEN '5 Fri' WHEN 6 THEN '6 Sat' ELSE '7 Sun' END AS weekday,
       TO_CHAR(hours.hour_at, 'HH24') AS hour,
       COALESCE(SUM(calls.requests), 0) / COUNT(*) AS mean_calls,
       COUNT(*) AS hours_seen
FROM hours
LEFT JOIN calls ON calls.hour_at = hours.hour_at
GROUP BY 1, 2
ORDER BY 1, 2
