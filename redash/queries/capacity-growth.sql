-- title: {en: Growth by month, zh-CN: 月度增长}
-- details:
--   en: >
--     Calls, or hours of speech, of each month in the report time zone, whatever the period. Only full months
--     count for the forecast: one with a later request in the database, and not the first one unless it began on
--     its first day. The forecast is the straight line of least squares through the last twelve full months, at
--     least three, with its interval of prediction (95 %, Student's t); it never goes below 0.
--   zh-CN: >
--     报表时区每月的调用数或语音小时数，不受时间段影响。预测只用完整月份：数据库中有更晚的请求，且不是第一个月（除非从 1 日开始）。预测为最近十二个（至少三个）完整月份的最小二乘直线及其 95 % 预测区间（学生 t 分布），不低于 0。
-- parameters:
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
--   figure: {type: enum, title: {en: Figure, zh-CN: 指标}, options: [calls, audio_hours], default: calls}
-- tags: [tts]
WITH months AS (
  SELECT SUBSTR(CAST(local_at AS VARCHAR), 1, 7) AS month, MIN(SUBSTR(CAST(local_at AS VARCHAR), 9, 2)) AS first_day,
         SUM(CASE WHEN '{{ figure }}' = 'calls' THEN 1 WHEN status = 'ok' THEN audio_seconds / 3600 END * COALESCE(sample_weight, 1.0)) AS figure
  FROM tts_request
  WHERE ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
  GROUP BY SUBSTR(CAST(local_at AS VARCHAR), 1, 7)
), numbered AS (
  SELECT month, 12 * CAST(SUBSTR(month, 1, 4) AS INTEGER) + CAST(SUBSTR(month, 6, 2) AS INTEGER) - 1 AS x, figure,
         month < MAX(month) OVER () AND (month > MIN(month) OVER () OR first_day = '01') AS whole
  FROM months
  WHERE figure IS NOT NULL
), fitted AS (
  SELECT x, figure AS y FROM numbered WHERE whole ORDER BY x DESC LIMIT 12
), means AS (
  SELECT COUNT(*) AS n, AVG(x * 1.0) AS mean_x, AVG(y) AS mean_y, MAX(x) AS last_x FROM fitted
), sums AS (
  SELECT MAX(n) AS n, MAX(mean_x) AS mean_x, MAX(mean_y) AS mean_y, MAX(last_x) AS last_x,
         SUM((x - mean_x) * (x - mean_x)) AS sxx, SUM((x - mean_x) * (y - mean_y)) AS sxy, SUM((y - mean_y) * (y - mean_y)) AS syy
  FROM fitted CROSS JOIN means
), line AS (
  SELECT n, mean_x, mean_y, last_x, sxx, sxy / sxx AS slope,
         -- rounding may leave less than nothing of a perfect line
         SQRT(CASE WHEN syy > sxy * sxy / sxx THEN (syy - sxy * sxy / sxx) / (n - 2) ELSE 0 END) AS deviation,
         CASE n WHEN 3 THEN 12.706 WHEN 4 THEN 4.303 WHEN 5 THEN 3.182 WHEN 6 THEN 2.776 WHEN 7 THEN 2.571
                WHEN 8 THEN 2.447 WHEN 9 THEN 2.365 WHEN 10 THEN 2.306 WHEN 11 THEN 2.262 ELSE 2.228 END AS t
  FROM sums
  WHERE n >= 3
), ahead AS (
  SELECT last_x + step AS x, mean_y + slope * (last_x + step - mean_x) AS forecast,
         t * deviation * SQRT(1 + 1.0 / n + (last_x + step - mean_x) * (last_x + step - mean_x) / sxx) AS half
  FROM line CROSS JOIN (SELECT 1 AS step UNION ALL SELECT 2 UNION ALL SELECT 3) AS steps
), told AS (
  SELECT x, CASE WHEN whole THEN figure END AS whole_month, CASE WHEN NOT whole THEN figure END AS part_month,
         NULL AS forecast, NULL AS low, NULL AS high
  FROM numbered
  UNION ALL
  SELECT x, NULL, NULL, CASE WHEN forecast > 0 THEN forecast ELSE 0 END, CASE WHEN forecast > half THEN forecast - half ELSE 0 END, forecast + half
  FROM ahead
)
SELECT CAST(x / 12 AS VARCHAR) || CASE WHEN x % 12 < 9 THEN '-0' ELSE '-' END || CAST(x % 12 + 1 AS VARCHAR) AS month,
       SUM(whole_month) AS whole_month, SUM(part_month) AS part_month, SUM(forecast) AS forecast, SUM(low) AS low, SUM(high) AS high,
       (SELECT COUNT(*) FROM fitted) AS months_fitted
FROM told
GROUP BY x
UNION ALL
SELECT 'these lines have no audio_seconds · 这些行没有 audio_seconds', NULL, 0, NULL, NULL, NULL, 0
WHERE EXISTS (SELECT 1 FROM months) AND NOT EXISTS (SELECT 1 FROM numbered)
ORDER BY month
