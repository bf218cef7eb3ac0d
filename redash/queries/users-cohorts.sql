-- title: {en: Retained clients, zh-CN: 留存客户端}
-- description: {en: "Per cent of the cohort with a request in the week after so many weeks", zh-CN: "若干周之后仍有请求的客户端占该组的百分比"}
-- details:
--   en: >
--     Clients by the week (from Monday) of their first request ever, and how many of them had a request in the
--     weeks after it, in per cent of the cohort. Only requests of the period count, so a cohort that is older than
--     the period begins with a later week.
--   zh-CN: >
--     按首次请求所在周（周一起）分组的客户端，以及其后各周仍有请求的客户端占该组的百分比。只计时间段内的请求，因此早于时间段的组从较晚的周开始。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH firsts AS (
  -- the first request ever, whatever the period
  SELECT client_hash, MIN(local_at) AS first_at
  FROM tts_request
  WHERE client_hash IS NOT NULL AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
  GROUP BY client_hash
), weeks AS (
  SELECT client_hash, CAST(DATE_TRUNC('week', local_at) AS DATE) AS week
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND client_hash IS NOT NULL
  GROUP BY 1, 2
), cohorts AS (
  SELECT weeks.client_hash, week, CAST(DATE_TRUNC('week', first_at) AS DATE) AS cohort
  FROM weeks JOIN firsts ON firsts.client_hash = weeks.client_hash
), sizes AS (
  SELECT CAST(DATE_TRUNC('week', first_at) AS DATE) AS cohort, COUNT(*) AS clients FROM firsts GROUP BY 1
), stages AS (
  SELECT cohort, (week - cohort) / 7 AS stage, COUNT(*) AS clients FROM cohorts GROUP BY cohort, 2
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
