-- title: {en: Probably-wrong audio doubled for a voice, zh-CN: 某音色可疑音频翻倍}
-- description:
--   en: >
--     Share of ok requests of a voice whose audio is probably wrong (as on the dashboard Errors; the band of the
--     pace is that of the week before), of the last day over the seven days before. The value is 1 with fewer than
--     50 requests on either side or fewer than 5 wrong ones. It never lacks a row and never a value: a quiet night
--     and a maintenance mark of the last hour give a value that is in order, so the alert is never UNKNOWN.
--   zh-CN: >
--     某音色成功请求中音频可能有误的比例（同仪表板“错误”；语速区间取前一周），最近一天除以之前七天。任一方少于 50 个请求或少于 5 个有误时为 1。查询总有一行且总有数值：安静的夜晚和最近一小时内的维护标记给出正常值，因此告警不会变为 UNKNOWN。
-- tags: [tts, alert]
-- schedule: {interval_seconds: 3600}
WITH cells AS (
  -- requests alike: what follows reads some thousand rows, not all of them
  SELECT COALESCE(speaker, '-') || ' (' || COALESCE(language, 'und') || ')' AS voice,
         CASE WHEN ts > NOW() - INTERVAL '24 hours' THEN 1 ELSE 0 END AS recent,
         CASE WHEN text_chars >= 10 THEN ROUND(audio_seconds * COALESCE(speed, 1.0) / text_chars * 1000) / 1000 END AS pace,
         COALESCE(silence_ratio >= 0.95, FALSE) OR COALESCE(clipped_ratio >= 0.01, FALSE) OR COALESCE(CAST(warnings AS VARCHAR) LIKE '%"silent"%'
           OR CAST(warnings AS VARCHAR) LIKE '%"clipped"%' OR CAST(warnings AS VARCHAR) LIKE '%"mel_truncated"%', FALSE) AS signs,
         COUNT(*) AS n, SUM(COALESCE(sample_weight, 1.0)) AS weight
  FROM tts_request
  WHERE local_at > (NOW() AT TIME ZONE (SELECT value FROM setting WHERE name = 'report_timezone')) - INTERVAL '192 hours' - INTERVAL '1 hour' -- the index serves this
    AND ts > NOW() - INTERVAL '192 hours' AND ts <= NOW()
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
         CASE WHEN now_.n >= 50 AND now_.wrong_n >= 5 AND before_.n >= 50 AND NOT EXISTS (SELECT 1 FROM tts_mark WHERE kind = 'maintenance' AND ts > NOW() - INTERVAL '1 hours' AND ts <= NOW())
              THEN now_.wrong / now_.weight / (CASE WHEN before_.wrong > 0 THEN before_.wrong / before_.weight ELSE 1.0 / before_.n END)
              ELSE 1 END AS times_as_often
  FROM sides now_ JOIN sides before_ ON before_.voice = now_.voice AND now_.recent = 1 AND before_.recent = 0
)
SELECT voice, times_as_often, wrong_share, wrong_share_before, wrong_n, spoken
FROM pairs
UNION ALL
SELECT '(none)', 1, NULL, NULL, 0, 0
ORDER BY times_as_often DESC, voice
