WITH firsts AS (
  -- the first request ever, whatever the period
  SELECT client_hash, MIN(local_at) AS first_at
  FROM tts_request
  WHERE client_hash IS NOT NULL AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
  GROUP BY client_hash
), weeks AS (
  SELECT client_hash, DATE(local_at, 'weekday 0', '-6 days') AS week
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND client_hash IS NOT NULL
  GROUP BY 1, 2
), cohorts AS (
  SELECT weeks.client_hash, week, DATE(first_at, 'weekday 0', '-6 days') AS cohort
  FROM weeks JOIN firsts ON firsts.client_hash = weeks.client_hash
), sizes AS (
  SELECT DATE(first_at, 'weekday 0', '-6 days') AS cohort, COUNT(*) AS clients FROM firsts GROUP BY 1
), stages AS (
  SELECT cohort, CAST(ROUND((JULIANDAY(week) - JULIANDAY(cohort)) / 7) AS INTEGER) AS stage, COUNT(*) AS clients FROM cohorts GROUP BY cohort, 2
)
SELECT CAST(stages.cohort AS VARCHAR) || ' (n = ' || CAST(sizes.clients AS VARCHAR) || ')' AS cohort,
       CASE WHEN stage < 10 THEN '0' ELSE '' END || CAST(stage AS VARCHAR) AS week,
       sizes.clients AS clients, stages.clients AS retained_clients, 100.0 * stages.clients / sizes.clients AS retained_percent
FROM stages JOIN sizes ON sizes.cohort = stages.cohort
WHERE stage <= 26
UNION ALL
SELECT 'these lines have no client_hash · 这些行没有 client_hash', '00', 0, 0, 0
WHERE NOT EXISTS (SELECT 1 FROM stages)
ORDER BY cohort, week
