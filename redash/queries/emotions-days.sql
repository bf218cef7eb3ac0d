-- title: {en: "Emotions by day", zh-CN: "每日情感"}
-- description: {en: "Requests by the emotion asked for", zh-CN: "按请求的情感统计的请求数"}
-- details:
--   en: >
--     Requests of each day by the emotion asked for, weighted; other holds what is none of the nine. Marks and the
--     running day are marked.
--   zh-CN: >
--     每天按请求的情感统计请求数（加权）；other 为九种之外的其他。发布等标记和尚未结束的一天会标出。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT DATE(local_at) AS day, COALESCE(emotion, 'unknown') AS emotion, SUM(COALESCE(sample_weight, 1.0)) AS requests
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
  GROUP BY DATE(local_at), COALESCE(emotion, 'unknown')
), days AS (
  SELECT day, SUM(requests) AS requests,
         SUM(CASE WHEN emotion = 'neutral' THEN requests ELSE 0 END) AS neutral,
         SUM(CASE WHEN emotion = 'happy' THEN requests ELSE 0 END) AS happy,
         SUM(CASE WHEN emotion = 'angry' THEN requests ELSE 0 END) AS angry,
         SUM(CASE WHEN emotion = 'sad' THEN requests ELSE 0 END) AS sad,
         SUM(CASE WHEN emotion = 'afraid' THEN requests ELSE 0 END) AS afraid,
         SUM(CASE WHEN emotion = 'disgusted' THEN requests ELSE 0 END) AS disgusted,
         SUM(CASE WHEN emotion = 'melancholic' THEN requests ELSE 0 END) AS melancholic,
         SUM(CASE WHEN emotion = 'surprised' THEN requests ELSE 0 END) AS surprised,
         SUM(CASE WHEN emotion = 'calm' THEN requests ELSE 0 END) AS calm,
         SUM(CASE WHEN emotion IN ('neutral', 'happy', 'angry', 'sad', 'afraid', 'disgusted', 'melancholic', 'surprised', 'calm') THEN 0 ELSE requests END) AS other
  FROM calls
  GROUP BY day
), marks AS (
  SELECT local_at, kind || COALESCE(' ' || label, '') AS words
  FROM tts_mark
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
), marked AS (
  -- what is drawn on the trend: marks, and the day that is not over
  SELECT DATE(local_at) AS at, MIN(words) || CASE WHEN MAX(words) > MIN(words) THEN ', ' || MAX(words) ELSE '' END AS words
  FROM (
    SELECT local_at, words FROM marks
    UNION ALL
    SELECT DATE_TRUNC('day', NOW() AT TIME ZONE value), 'today, so far · 今天，还没结束' FROM setting WHERE name = 'report_timezone'
  ) AS told
  GROUP BY DATE(local_at)
)
SELECT spine.day, CAST(ROUND(COALESCE(requests, 0)) AS BIGINT) AS requests,
       neutral, happy, angry, sad, afraid, disgusted, melancholic, surprised, calm, other,
       CASE WHEN marked.at IS NOT NULL THEN COALESCE(requests, 0) END AS mark,
       marked.words AS mark_words
FROM (SELECT day FROM days UNION SELECT DATE(local_at) FROM marks) AS spine
LEFT JOIN days ON days.day = spine.day
LEFT JOIN marked ON marked.at = spine.day
ORDER BY spine.day
