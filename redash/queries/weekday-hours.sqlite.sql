WITH RECURSIVE calls AS (
  SELECT SUBSTR(local_at, 1, 13) AS hour_at, SUM(COALESCE(sample_weight, 1.0)) AS requests
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
  GROUP BY SUBSTR(local_at, 1, 13)
), hours(hour_at) AS (
  SELECT MIN(hour_at) FROM calls
  UNION ALL
  SELECT STRFTIME('%Y-%m-%dT%H', hour_at || ':00', '+1 hour')
  FROM hours
  WHERE hour_at < (SELECT MAX(hour_at) FROM calls)
), weekdays(number, name) AS (
  VALUES ('1', '1 Mon'), ('2', '2 Tue'), ('3', '3 Wed'), ('4', '4 Thu'), ('5', '5 Fri'), ('6', '6 Sat'), ('0', '7 Sun')
), clock(number) AS (
  SELECT 0
  UNION ALL
  SELECT number + 1 FROM clock WHERE number < 23
)
SELECT weekdays.name AS weekday,
       SUBSTR('0' || clock.number, -2) AS hour,
       COALESCE(SUM(calls.requests), 0) / NULLIF(COUNT(hours.hour_at), 0) AS mean_calls,
       COUNT(hours.hour_at) AS hours_seen
FROM weekdays
CROSS JOIN clock
LEFT JOIN hours ON STRFTIME('%w', hours.hour_at || ':00') = weekdays.number
                AND CAST(SUBSTR(hours.hour_at, 12, 2) AS INTEGER) = clock.number
LEFT JOIN calls ON calls.hour_at = hours.hour_at
WHERE EXISTS (SELECT 1 FROM calls)
GROUP BY 1, 2
ORDER BY 1, 2
