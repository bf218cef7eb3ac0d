-- title: {en: Success by engine or length, zh-CN: 按引擎或长度的成功率}
-- details:
--   en: >
--     How often it worked, by engine or by characters of the text (below 50, 50 to 150, above 150). success
--     is ok of all requests; availability counts faults of the service alone. Lines of the older forms name no
--     engine.
--   zh-CN: >
--     按引擎或文本字符数（50 以下、50 至 150、150 以上）统计成功情况。success 是 ok 占全部请求；availability 只计服务自身故障。旧格式的行没有引擎名。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
--   part: {type: enum, title: {en: Part, zh-CN: 划分}, options: [engine, length], default: engine}
-- tags: [tts]
WITH calls AS (
  SELECT CASE WHEN '{{ part }}' = 'engine' THEN COALESCE(engine, 'no engine in these lines · 这些行没有引擎')
              WHEN text_chars < 50 THEN 'below 50' WHEN text_chars <= 150 THEN '50–150' ELSE 'above 150' END AS part,
         status, fault, text_chars, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND text_chars IS NOT NULL
)
SELECT part,
       CAST(ROUND(SUM(weight)) AS BIGINT) AS requests,
       CAST(ROUND(SUM(CASE WHEN status <> 'ok' THEN weight ELSE 0 END)) AS BIGINT) AS failed_requests,
       100 * SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) / SUM(weight) AS success_percent,
       100 - 100 * SUM(CASE WHEN fault = 'service' THEN weight ELSE 0 END) / SUM(weight) AS availability_percent
FROM calls
GROUP BY part
ORDER BY CASE WHEN '{{ part }}' = 'length' THEN MIN(text_chars) END, requests DESC, part
