WITH calls AS (
  SELECT DATE(local_at) AS day, COALESCE(emotion, 'unknown') AS emotion, SUM(COALESCE(sample_weight, 1.0)) AS requests
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
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
SELECT spine.day, CAST(ROUND(COALESCE(requests, 0)) AS BIGINT) AS requests,
       neutral, happy, angry, sad, afraid, disgusted, melancholic, surprised, calm, other,
       CASE WHEN marked.at IS NOT NULL THEN COALESCE(requests, 0) END AS mark,
       marked.words AS mark_words
FROM (SELECT day FROM days UNION SELECT DATE(local_at) FROM marks) AS spine
LEFT JOIN days ON days.day = spine.day
LEFT JOIN marked ON marked.at = spine.day
ORDER BY spine.day
