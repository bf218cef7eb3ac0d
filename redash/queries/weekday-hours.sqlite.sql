WITH RECURSIVE calls AS (
  SELECT SUBSTR(local_at, 1, 13) AS hour_at, SUM(COALESCE(sample_weight, 1.0)) AS requests
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
  GROUP BY SUBSTR(local_at, 1, 13)
), hours(hour_at) AS (
  SELECT MIN(hour_at) FROM calls
  UNION ALL
  SELECT STRFTIME('%Y-%m-%dT%H', hour_at || ':00', '+1 hour')
  FROM hours
  WHERE hour_at < (SELECT MAX(hour_at) FROM calls)
)
SELECT CASE STRFTIME('%w', hours.hour_at || ':00')
         WHEN '1' THEN '1 Mon' WHEN '2' THEN '2 Tue' WHEN '3' THEN '3 Wed' WHEN '4' THEN '4 Thu'
         WHEN '5' THEN '5 Fri' WHEN '6' THEN '6 Sat' ELSE '7 Sun' END AS weekday,
       SUBSTR(hours.hour_at, 12, 2) AS hour,
       COALESCE(SUM(calls.requests), 0) / COUNT(*) AS mean_calls,
       COUNT(*) AS hours_seen
FROM hours
LEFT JOIN calls ON calls.hour_at = hours.hour_at
WHERE hours.hour_at IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2
