-- title: {en: Spoken but probably wrong, zh-CN: 已合成但可能有误}
-- description:
--   en: >
--     Ok requests whose audio is probably wrong, by voice and language: audio seconds per character (at speed 1)
--     outside the robust band of the voice and language, which is the quartiles of the period and three times
--     their distance on both sides (of at least 20 texts of 10 characters or more); silent (95 % silence or the
--     warning silent), clipped (1 % of the samples or the warning clipped), truncated (the warning mel_truncated).
--     A request with two signs is counted once in wrong. The share has all spoken requests of the voice below the
--     line.
--   zh-CN: >
--     状态为 ok 但音频可能有误的请求，按音色和语言：每字符音频秒数（按语速 1 折算）超出该音色和语言的稳健区间（时间段内四分位数向两侧各延伸三倍四分位距，至少 20 条 10 字以上文本）；静音（95 % 静音或警告 silent）、削波（1 % 采样或警告 clipped）、截断（警告 mel_truncated）。同时有两种迹象的请求在 wrong 中只计一次。占比的分母是该音色的全部合成请求。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH spoken AS (
  SELECT COALESCE(language, 'und') AS language, COALESCE(speaker, '-') AS speaker, COALESCE(sample_weight, 1.0) AS weight,
         CASE WHEN text_chars >= 10 THEN audio_seconds * COALESCE(speed, 1.0) / text_chars END AS pace,
         silence_ratio >= 0.95 OR CAST(warnings AS VARCHAR) LIKE '%"silent"%' AS silent,
         clipped_ratio >= 0.01 OR CAST(warnings AS VARCHAR) LIKE '%"clipped"%' AS clipped,
         CAST(warnings AS VARCHAR) LIKE '%"mel_truncated"%' AS truncated
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok' AND audio_seconds > 0
), ranked AS (
  SELECT language, speaker, pace, weight,
         SUM(weight) OVER (PARTITION BY language, speaker ORDER BY pace) AS rank_up_to,
         SUM(weight) OVER (PARTITION BY language, speaker) AS rank_of_all
  FROM spoken
  WHERE pace IS NOT NULL
), quartiles AS (
  SELECT language, speaker, COUNT(*) AS paced,
         MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 25 THEN pace END) AS q1,
         MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 75 THEN pace END) AS q3
  FROM ranked
  GROUP BY language, speaker
), bands AS (
  -- quartiles do not move with the few that are wrong; three times their distance away is far out
  SELECT language, speaker, q1 - 3 * (q3 - q1) AS shortest, q3 + 3 * (q3 - q1) AS longest
  FROM quartiles
  WHERE paced >= 20
), judged AS (
  SELECT spoken.language, spoken.speaker, weight, shortest, longest, silent, clipped, truncated,
         pace > longest AS too_long, pace < shortest AS too_short
  FROM spoken
  LEFT JOIN bands ON bands.language = spoken.language AND bands.speaker = spoken.speaker
)
SELECT speaker || ' (' || language || ')' AS voice,
       CAST(ROUND(SUM(weight)) AS BIGINT) AS spoken_requests,
       CAST(ROUND(SUM(CASE WHEN too_long OR too_short OR silent OR clipped OR truncated THEN weight ELSE 0 END)) AS BIGINT) AS wrong,
       SUM(CASE WHEN too_long OR too_short OR silent OR clipped OR truncated THEN weight ELSE 0 END) / SUM(weight) AS wrong_share,
       CAST(ROUND(SUM(CASE WHEN too_long THEN weight ELSE 0 END)) AS BIGINT) AS too_long,
       CAST(ROUND(SUM(CASE WHEN too_short THEN weight ELSE 0 END)) AS BIGINT) AS too_short,
       CAST(ROUND(SUM(CASE WHEN silent THEN weight ELSE 0 END)) AS BIGINT) AS silent,
       CAST(ROUND(SUM(CASE WHEN clipped THEN weight ELSE 0 END)) AS BIGINT) AS clipped,
       CAST(ROUND(SUM(CASE WHEN truncated THEN weight ELSE 0 END)) AS BIGINT) AS truncated,
       MIN(shortest) AS shortest_seconds, MIN(longest) AS longest_seconds
FROM judged
GROUP BY speaker, language
UNION ALL
SELECT 'these lines have no audio_seconds, so nothing can be said · 这些行没有 audio_seconds，无法判断', 0, 0, NULL, 0, 0, 0, 0, 0, NULL, NULL
WHERE NOT EXISTS (SELECT 1 FROM spoken)
ORDER BY wrong DESC, voice
LIMIT 30
