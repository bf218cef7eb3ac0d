WITH cells AS (
  -- requests alike: what follows reads some thousand rows, not all of them
  SELECT COALESCE(speaker, '-') || ' (' || COALESCE(language, 'und') || ')' AS voice,
         CASE WHEN ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-24 hours') THEN 1 ELSE 0 END AS recent,
         CASE WHEN text_chars >= 10 THEN ROUND(audio_seconds * COALESCE(speed, 1.0) / text_chars * 1000) / 1000 END AS pace,
         COALESCE(silence_ratio >= 0.95, FALSE) OR COALESCE(clipped_ratio >= 0.01, FALSE) OR COALESCE(CAST(warnings AS VARCHAR) LIKE '%"silent"%'
           OR CAST(warnings AS VARCHAR) LIKE '%"clipped"%' OR CAST(warnings AS VARCHAR) LIKE '%"mel_truncated"%', FALSE) AS signs,
         COUNT(*) AS n, SUM(COALESCE(sample_weight, 1.0)) AS weight
  FROM tts_request
  WHERE local_at > STRFTIME('%Y-%m-%dT%H:%M:%S', 'now', '-192 hours', '-13 hours') -- the index serves this
    AND ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-192 hours') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now')
    AND status = 'ok' AND audio_seconds > 0
  GROUP BY 1, 2, 3, 4
), ranked AS (
  SELECT voice, pace, n,
         SUM(weight) OVER (PARTITION BY voice ORDER BY pace ROWS UNBOUNDED PRECEDING) AS rank_up_to,
         SUM(weight) OVER (PARTITION BY voice) AS rank_of_all
  FROM cells
  WHERE recent = 0 AND pace IS NOT NULL
), quartiles AS (
  SELECT voice, SUM(n) AS paced,
         MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 25 THEN pace END) AS q1,
         MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 75 THEN pace END) AS q3
  FROM ranked
  GROUP BY voice
), sides AS (
  SELECT cells.voice, recent, SUM(n) AS n, SUM(weight) AS weight,
         SUM(CASE WHEN signs OR (paced >= 20 AND (pace > q3 + 3 * (q3 - q1) OR pace < q1 - 3 * (q3 - q1))) THEN n ELSE 0 END) AS wrong_n,
         SUM(CASE WHEN signs OR (paced >= 20 AND (pace > q3 + 3 * (q3 - q1) OR pace < q1 - 3 * (q3 - q1))) THEN weight ELSE 0 END) AS wrong
  FROM cells LEFT JOIN quartiles ON quartiles.voice = cells.voice
  GROUP BY cells.voice, recent
), pairs AS (
  -- of a week without a wrong one, one more is taken: twice nothing is nothing
  SELECT now_.voice, now_.n AS spoken, now_.wrong_n, now_.wrong / now_.weight AS wrong_share, before_.wrong / before_.weight AS wrong_share_before,
         CASE WHEN now_.n >= 50 AND now_.wrong_n >= 5 AND before_.n >= 50 AND NOT EXISTS (SELECT 1 FROM tts_mark WHERE kind = 'maintenance' AND ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 hours') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now'))
              THEN now_.wrong / now_.weight / (CASE WHEN before_.wrong > 0 THEN before_.wrong / before_.weight ELSE 1.0 / before_.n END)
              ELSE 1 END AS times_as_often
  FROM sides now_ JOIN sides before_ ON before_.voice = now_.voice AND now_.recent = 1 AND before_.recent = 0
)
SELECT voice, times_as_often, wrong_share, wrong_share_before, wrong_n, spoken
FROM pairs
UNION ALL
SELECT '(none)', 1, NULL, NULL, 0, 0
ORDER BY times_as_often DESC, voice
