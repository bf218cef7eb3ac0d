-- title: {en: Emotions, zh-CN: 情感}
-- details:
--   en: How often each emotion was asked for, and how often it worked. success is ok of all requests; availability counts faults of the service alone.
--   zh-CN: 每种情感被请求的次数及其成功情况。success为成功请求占全部请求的比例；availability（可用率）只计服务自身的故障。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT COALESCE(emotion, 'unknown') AS emotion, status, fault, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
)
SELECT emotion,
       CAST(ROUND(SUM(weight)) AS BIGINT) AS requests,
       SUM(weight) / SUM(SUM(weight)) OVER () AS share,
       100 * SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) / SUM(weight) AS success_percent,
       100 - 100 * SUM(CASE WHEN fault = 'service' THEN weight ELSE 0 END) / SUM(weight) AS availability_percent
FROM calls
GROUP BY emotion
ORDER BY requests DESC, emotion
