-- title: {en: Spoken but probably wrong, zh-CN: 已合成但可能有误}
-- details:
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
WITH cells AS (
  -- requests alike: what follows reads some thousand rows, not all of them
  SELECT COALESCE(language, 'und') AS language, COALESCE(speaker, '-') AS speaker,
         CASE WHEN text_chars >= 10 THEN ROUND(audio_seconds * COALESCE(speed, 1.0) / text_chars * 1000) / 1000 END AS pace,
         COALESCE(silence_ratio >= 0.95 OR CAST(warnings AS VARCHAR) LIKE '%"silent"%', FALSE) AS silent,
         COALESCE(clipped_ratio >= 0.01 OR CAST(warnings AS VARCHAR) LIKE '%"clipped"%', FALSE) AS clipped,
         COALESCE(CAST(warnings AS VARCHAR) LIKE '%"mel_truncated"%', FALSE) AS truncated,
         COUNT(*) AS n, SUM(COALESCE(sample_weight, 1.0)) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok' AND audio_seconds > 0
  GROUP BY 1, 2, 3, 4, 5, 6
), ranked AS (
  SELECT language, speaker, pace, n,
         SUM(weight) OVER (PARTITION BY language, speaker ORDER BY pace ROWS UNBOUNDED PRECEDING) AS rank_up_to,
         SUM(weight) OVER (PARTITION BY language, speaker) AS rank_of_all
  FROM cells
  WHERE pace IS NOT NULL
), quartiles AS (
  SELECT language, speaker, SUM(n) AS paced,
         MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 25 THEN pace END) AS q1,
         MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 75 THEN pace END) AS q3
  FROM ranked
  GROUP BY language, speaker
), judged AS (
  -- quartiles do not move with the few that are wrong; three times their distance away is far out
  SELECT cells.language, cells.speaker, weight, silent, clipped, truncated,
         CASE WHEN paced >= 20 THEN q1 - 3 * (q3 - q1) END AS shortest,
         CASE WHEN paced >= 20 THEN q3 + 3 * (q3 - q1) END AS longest,
         paced >= 20 AND pace > q3 + 3 * (q3 - q1) AS too_long,
         paced >= 20 AND pace < q1 - 3 * (q3 - q1) AS too_short
  FROM cells LEFT JOIN quartiles ON quartiles.language = cells.language AND quartiles.speaker = cells.speaker
), sums AS (
  SELECT speaker || ' (' || language || ')' AS voice,
         SUM(weight) AS spoken,
         SUM(CASE WHEN too_long OR too_short OR silent OR clipped OR truncated THEN weight ELSE 0 END) AS wrong,
         SUM(CASE WHEN too_long THEN weight ELSE 0 END) AS too_long,
         SUM(CASE WHEN too_short THEN weight ELSE 0 END) AS too_short,
         SUM(CASE WHEN silent THEN weight ELSE 0 END) AS silent,
         SUM(CASE WHEN clipped THEN weight ELSE 0 END) AS clipped,
         SUM(CASE WHEN truncated THEN weight ELSE 0 END) AS truncated,
         MIN(shortest) AS shortest_seconds, MIN(longest) AS longest_seconds
  FROM judged
  GROUP BY speaker, language
  UNION ALL
  SELECT 'these lines have no audio_seconds · 这些行没有 audio_seconds', 0, 0, 0, 0, 0, 0, 0, NULL, NULL
  WHERE NOT EXISTS (SELECT 1 FROM judged)
)
SELECT voice,
       CAST(ROUND(spoken) AS BIGINT) AS spoken_requests,
       CAST(ROUND(wrong) AS BIGINT) AS wrong,
       100.0 * wrong / NULLIF(spoken, 0) AS wrong_percent,
       CAST(ROUND(too_long) AS BIGINT) AS too_long,
       CAST(ROUND(too_short) AS BIGINT) AS too_short,
       CAST(ROUND(silent) AS BIGINT) AS silent,
       CAST(ROUND(clipped) AS BIGINT) AS clipped,
       CAST(ROUND(truncated) AS BIGINT) AS truncated,
       shortest_seconds, longest_seconds
FROM sums
ORDER BY wrong DESC, voice
LIMIT 30
