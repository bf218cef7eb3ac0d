WITH calls AS (
  SELECT DATE(local_at) AS day,
         CASE '{{ measure }}'
           WHEN 'total' THEN total_seconds
           WHEN 'queue' THEN queue_seconds
           WHEN 'synthesis' THEN synthesis_seconds
           WHEN 'first_audio' THEN first_audio_seconds
           ELSE CASE WHEN audio_seconds > 0 THEN synthesis_seconds / audio_seconds END
         END AS value,
         COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok'
), ranked AS (
  SELECT day, value,
         SUM(weight) OVER (PARTITION BY day ORDER BY value ROWS UNBOUNDED PRECEDING) AS rank_up_to,
         SUM(weight) OVER (PARTITION BY day) AS rank_of_all
  FROM (SELECT day, value, CASE WHEN value IS NULL THEN 0 ELSE weight END AS weight FROM calls) AS weighed
), days AS (
  SELECT day, COUNT(value) AS measured,
         CASE WHEN COUNT(value) >= 20 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 50 THEN value END) END AS p50,
         CASE WHEN COUNT(value) >= 100 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 95 THEN value END) END AS p95,
         CASE WHEN COUNT(value) >= 500 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 99 THEN value END) END AS p99
  FROM ranked
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
SELECT spine.day, COALESCE(days.measured, 0) AS measured, days.p50, days.p95, days.p99,
       CASE WHEN days.measured < 20 THEN 0 END AS few,
       CASE WHEN marked.at IS NOT NULL THEN 1 END AS mark,
       marked.words AS mark_words
FROM (SELECT day FROM days UNION SELECT DATE(local_at) FROM marks) AS spine
LEFT JOIN days ON days.day = spine.day
LEFT JOIN marked ON marked.at = spine.day
ORDER BY spine.day
