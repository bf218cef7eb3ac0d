-- title: {en: Who suffered, zh-CN: 谁受到影响}
-- details:
--   en: >
--     Before and after the newest release of the period, by client, voice or language: all requests of the period
--     before that mark against all after it. Only parts with 20 requests on both sides are judged. It fails more
--     where the success fell by more than chance makes likely (two-proportion test, 5 %); it is slower where the
--     rtf (sum over sum) rose by a fifth. The worst come first.
--   zh-CN: >
--     时间段内最近一次发布前后，按客户端、音色或语言比较：该标记之前与之后的全部请求。只评价两侧都有 20 个请求的部分。成功率下降超过偶然（双比例检验，5 %）为失败更多；rtf（和之比）上升五分之一为更慢。最差的在前。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
--   part: {type: enum, title: {en: Part, zh-CN: 划分}, options: [client, voice, language], default: voice}
-- tags: [tts]
-- may_be_empty: true
WITH marks AS (
  SELECT local_at AS begins_at, instance, label
  FROM tts_mark
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
    AND kind = 'release'
), newest AS (
  SELECT MAX(begins_at) AS begins_at FROM marks
), calls AS (
  SELECT COALESCE(CASE '{{ part }}' WHEN 'client' THEN client_hash WHEN 'voice' THEN speaker ELSE language END, '-') AS part,
         CASE WHEN local_at < begins_at THEN 0 ELSE 1 END AS after, COALESCE(sample_weight, 1.0) AS weight, status,
         CASE WHEN status = 'ok' AND audio_seconds > 0 THEN synthesis_seconds END AS synthesis_seconds,
         CASE WHEN status = 'ok' AND synthesis_seconds IS NOT NULL THEN audio_seconds END AS audio_seconds
  FROM tts_request CROSS JOIN newest
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND begins_at IS NOT NULL
), sides AS (
  SELECT part, after, COUNT(*) AS n, SUM(weight) AS requests,
         SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) / SUM(weight) AS success_rate,
         SUM(synthesis_seconds * weight) / NULLIF(SUM(audio_seconds * weight), 0) AS rtf
  FROM calls
  GROUP BY part, after
), pairs AS (
  SELECT b.part, b.n AS n_before, a.n AS n_after, b.success_rate AS success_before, a.success_rate AS success_after,
         b.rtf AS rtf_before, a.rtf AS rtf_after, a.rtf / NULLIF(b.rtf, 0) - 1 AS rtf_change,
         (b.success_rate * b.n + a.success_rate * a.n) / (b.n + a.n) AS pooled
  FROM sides b JOIN sides a ON a.part = b.part AND b.after = 0 AND a.after = 1
  WHERE b.n >= 20 AND a.n >= 20
), judged AS (
  SELECT part, n_before, n_after, success_before, success_after, rtf_before, rtf_after, rtf_change,
         success_after < success_before AND (success_before - success_after) * (success_before - success_after)
           > 3.841 * pooled * (1 - pooled) * (1.0 / n_before + 1.0 / n_after) AS fails_more,
         COALESCE(rtf_change >= 0.2, FALSE) AS slower
  FROM pairs
)
SELECT part,
       CASE WHEN fails_more AND slower THEN 'fails more and slower · 失败更多且更慢' WHEN fails_more THEN 'fails more · 失败更多'
            WHEN slower THEN 'slower · 更慢' ELSE 'no sign · 无迹象' END AS verdict,
       n_before, n_after, 100 * success_before AS success_before_percent, 100 * success_after AS success_after_percent, rtf_before, rtf_after, 100 * rtf_change AS rtf_change_percent
FROM (
  SELECT part, n_before, n_after, success_before, success_after, rtf_before, rtf_after, rtf_change, fails_more, slower,
         CASE WHEN fails_more THEN 2 ELSE 0 END + CASE WHEN slower THEN 1 ELSE 0 END AS badness
  FROM judged
  UNION ALL
  SELECT 'no release mark in this period · 此时间段没有发布标记', NULL, NULL, NULL, NULL, NULL, NULL, NULL, FALSE, FALSE, -1
  FROM newest
  WHERE begins_at IS NULL
) AS told
ORDER BY badness DESC, success_after - success_before, rtf_change DESC, part
LIMIT 30
