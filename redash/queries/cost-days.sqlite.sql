WITH calls AS (
  SELECT DATE(local_at) AS day, COALESCE(sample_weight, 1.0) AS weight, synthesis_seconds, gpu_seconds, repeat,
         CASE WHEN text_tokens > 0 AND synthesis_seconds IS NOT NULL THEN text_tokens END AS tokens
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
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
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
), marked AS (
  -- what is drawn on the trend: marks, and the day that is not over (the newest request tells the offset of the zone)
  SELECT DATE(local_at) AS at, MIN(words) || CASE WHEN MAX(words) > MIN(words) THEN ', ' || MAX(words) ELSE '' END AS words
  FROM (
    SELECT local_at, words FROM marks
    UNION ALL
    SELECT * FROM (
      SELECT STRFTIME('%Y-%m-%dT00:00:00', 'now', ROUND((JULIANDAY(local_at) - JULIANDAY(ts)) * 86400) || ' seconds'), 'today, so far · 今天，还没结束'
      FROM tts_request ORDER BY local_at DESC LIMIT 1
    )
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
