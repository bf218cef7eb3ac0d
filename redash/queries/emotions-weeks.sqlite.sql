WITH calls AS (
  SELECT DATE(local_at) AS day, COALESCE(emotion, 'unknown') AS emotion, emotion_vector, SUM(COALESCE(sample_weight, 1.0)) AS requests,
         SUM(CASE WHEN status = 'ok' THEN COALESCE(sample_weight, 1.0) ELSE 0 END) AS ok,
         SUM(CASE WHEN fault = 'service' THEN COALESCE(sample_weight, 1.0) ELSE 0 END) AS service_faults
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
  GROUP BY 1, 2, 3
), mixed AS (
  SELECT DATE(day, 'weekday 0', '-6 days') AS week, day, COALESCE(NULLIF(SUBSTR(CASE WHEN JSON_EXTRACT(emotion_vector, '$[0]') > 0 THEN ' + happy' ELSE '' END
           || CASE WHEN JSON_EXTRACT(emotion_vector, '$[1]') > 0 THEN ' + angry' ELSE '' END
           || CASE WHEN JSON_EXTRACT(emotion_vector, '$[2]') > 0 THEN ' + sad' ELSE '' END
           || CASE WHEN JSON_EXTRACT(emotion_vector, '$[3]') > 0 THEN ' + afraid' ELSE '' END
           || CASE WHEN JSON_EXTRACT(emotion_vector, '$[4]') > 0 THEN ' + disgusted' ELSE '' END
           || CASE WHEN JSON_EXTRACT(emotion_vector, '$[5]') > 0 THEN ' + melancholic' ELSE '' END
           || CASE WHEN JSON_EXTRACT(emotion_vector, '$[6]') > 0 THEN ' + surprised' ELSE '' END
           || CASE WHEN JSON_EXTRACT(emotion_vector, '$[7]') > 0 THEN ' + calm' ELSE '' END, 4), ''), emotion) AS combination, requests, ok, service_faults
  FROM calls
), seen AS (
  SELECT week, COUNT(DISTINCT day) AS days_seen FROM mixed GROUP BY week
), weeks AS (
  SELECT week, combination, SUM(requests) AS requests, SUM(ok) AS ok, SUM(service_faults) AS service_faults,
         SUM(SUM(requests)) OVER (PARTITION BY week) AS of_week,
         ROW_NUMBER() OVER (PARTITION BY week ORDER BY SUM(requests) DESC, combination) AS place
  FROM mixed
  GROUP BY week, combination
)
SELECT weeks.week || ' – ' || DATE(weeks.week, '+6 days') AS week, place, combination, CAST(ROUND(requests) AS BIGINT) AS requests, 100 * requests / of_week AS share_percent,
       100 * ok / requests AS success_percent, 100 - 100 * service_faults / requests AS availability_percent, days_seen
FROM weeks JOIN seen ON seen.week = weeks.week
WHERE place <= 5
ORDER BY weeks.week DESC, place
