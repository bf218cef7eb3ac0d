-- title: {en: "Most used combinations of a week", zh-CN: "每周最常用的组合"}
-- description: {en: "Five a week, newest week first; a week with fewer than 7 days may not be over", zh-CN: "每周五个，最新一周在前；不足 7 天的一周可能尚未结束"}
-- details:
--   en: >
--     The five combinations of emotions that each week (Monday to Sunday) asked for most: all with a weight in the
--     vector of emotions as it was applied, or the one asked for where there is no vector. days_seen is the number
--     of days with calls: below 7 the week is not over, not whole in the period, or had days without a call.
--   zh-CN: >
--     每周（周一至周日）请求最多的五种情感组合：取实际应用的情感向量中权重大于零的全部情感；没有向量时取请求的情感。days_seen 为有请求的天数：小于 7 表示这一周尚未结束、未完整落在时间段内，或有些天没有请求。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT DATE(local_at) AS day, COALESCE(NULLIF(CONCAT_WS(' + ', CASE WHEN emotion_vector -> 0 > '0' THEN 'happy' END,
           CASE WHEN emotion_vector -> 1 > '0' THEN 'angry' END,
           CASE WHEN emotion_vector -> 2 > '0' THEN 'sad' END,
           CASE WHEN emotion_vector -> 3 > '0' THEN 'afraid' END,
           CASE WHEN emotion_vector -> 4 > '0' THEN 'disgusted' END,
           CASE WHEN emotion_vector -> 5 > '0' THEN 'melancholic' END,
           CASE WHEN emotion_vector -> 6 > '0' THEN 'surprised' END,
           CASE WHEN emotion_vector -> 7 > '0' THEN 'calm' END), ''), emotion, 'unknown') AS combination, SUM(COALESCE(sample_weight, 1.0)) AS requests,
         SUM(CASE WHEN status = 'ok' THEN COALESCE(sample_weight, 1.0) ELSE 0 END) AS ok,
         SUM(CASE WHEN fault = 'service' THEN COALESCE(sample_weight, 1.0) ELSE 0 END) AS service_faults
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
  GROUP BY 1, 2
), mixed AS (
  SELECT CAST(DATE_TRUNC('week', day) AS DATE) AS week, day, combination, requests, ok, service_faults
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
SELECT CAST(weeks.week AS VARCHAR) || ' – ' || CAST(weeks.week + 6 AS VARCHAR) AS week, place, combination, CAST(ROUND(requests) AS BIGINT) AS requests, 100 * requests / of_week AS share_percent,
       100 * ok / requests AS success_percent, 100 - 100 * service_faults / requests AS availability_percent, days_seen
FROM weeks JOIN seen ON seen.week = weeks.week
WHERE place <= 5
ORDER BY weeks.week DESC, place
