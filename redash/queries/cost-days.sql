-- title: {en: "Cost by day", zh-CN: "每日成本"}
-- details:
--   en: >
--     Of each day's ok requests that were spoken: synthesis and GPU seconds for each token (sums over sums; null
--     below 20 requests with tokens), the share of requests below 20 tokens, and the share of GPU seconds (of
--     synthesis seconds where no GPU was measured) spent on repeats. few is 0 on days with calls of which fewer
--     than 20 have tokens and seconds. Marks and the running day are marked.
--   zh-CN: >
--     每天真正合成的成功请求：每词元的合成秒数与 GPU 秒数（求和后相除；带词元数的请求不足 20 条时为空）、20 词元以下请求的占比，以及花在重复上的 GPU 秒数（未测 GPU 时为合成秒数）占比。few 为 0 表示当天有请求但带词元数与秒数的不足 20 条。发布等标记和尚未结束的一天会标出。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT DATE(local_at) AS day, COALESCE(sample_weight, 1.0) AS weight, synthesis_seconds, gpu_seconds, repeat,
         CASE WHEN text_tokens > 0 AND synthesis_seconds IS NOT NULL THEN text_tokens END AS tokens
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok' AND NOT COALESCE(cache_hit, 1 = 0)
), days AS (
  SELECT day, COUNT(tokens) AS measured,
         CASE WHEN COUNT(tokens) >= 20 THEN SUM(CASE WHEN tokens IS NOT NULL THEN weight * synthesis_seconds END) / SUM(weight * tokens) END AS seconds_per_token,
         CASE WHEN COUNT(CASE WHEN gpu_seconds IS NOT NULL THEN tokens END) >= 20
              THEN SUM(CASE WHEN tokens IS NOT NULL THEN weight * gpu_seconds END) / SUM(CASE WHEN gpu_seconds IS NOT NULL THEN weight * tokens END) END AS gpu_seconds_per_token,
         SUM(CASE WHEN tokens < 20 THEN weight ELSE 0 END) / NULLIF(SUM(CASE WHEN tokens IS NOT NULL THEN weight END), 0) AS tiny_share,
         SUM(CASE WHEN repeat THEN weight * COALESCE(gpu_seconds, synthesis_seconds) ELSE 0 END)
           / NULLIF(SUM(CASE WHEN repeat IS NOT NULL THEN weight * COALESCE(gpu_seconds, synthesis_seconds) END), 0) AS repeat_share
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
SELECT spine.day, COALESCE(days.measured, 0) AS measured, seconds_per_token, gpu_seconds_per_token, tiny_share, repeat_share,
       CASE WHEN days.measured < 20 THEN 0 END AS few,
       CASE WHEN days.day IS NOT NULL AND tiny_share IS NULL AND repeat_share IS NULL THEN 0 END AS unknown,
       CASE WHEN marked.at IS NOT NULL THEN 1 END AS mark,
       marked.words AS mark_words
FROM (SELECT day FROM days UNION SELECT DATE(local_at) FROM marks) AS spine
LEFT JOIN days ON days.day = spine.day
LEFT JOIN marked ON marked.at = spine.day
ORDER BY spine.day
