-- title: {en: Errors by code or stage, zh-CN: 按错误码或阶段的错误}
-- details:
--   en: >
--     Requests that were not ok, by error code or by the stage where they failed, and by whose fault it was. Lines
--     of the older forms say only that it failed: their code is UNKNOWN and their stage is not said.
--   zh-CN: >
--     未成功的请求，按错误码或出错阶段，以及责任方统计。旧格式的行只说明失败：错误码为 UNKNOWN，阶段未说明。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
--   part: {type: enum, title: {en: Part, zh-CN: 划分}, options: [code, stage], default: code}
-- tags: [tts]
-- may_be_empty: true
WITH failed AS (
  SELECT CASE '{{ part }}' WHEN 'code' THEN COALESCE(error_code, 'UNKNOWN')
              ELSE COALESCE(error_stage, 'not said in these lines · 这些行未说明') END AS part,
         COALESCE(fault, 'unknown') AS fault, local_at, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status <> 'ok'
), sums AS (
  SELECT part, fault, SUM(weight) AS requests, MAX(local_at) AS newest_at
  FROM failed
  GROUP BY part, fault
)
SELECT part, fault, CAST(ROUND(requests) AS BIGINT) AS requests, newest_at
FROM sums
ORDER BY SUM(requests) OVER (PARTITION BY part) DESC, part, fault
