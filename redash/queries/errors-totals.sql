-- title: {en: Errors in total, zh-CN: 错误总计}
-- details:
--   en: >
--     One row for the whole period. success is ok of all requests, as everybody counts it; availability counts
--     faults of the service alone, so a client's empty text is no outage.
--   zh-CN: >
--     整个时间段一行。成功率是 ok 占全部请求的比例；可用性只计服务自身的故障，客户端的空文本不算停机。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT status, fault, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), sums AS (
  SELECT COUNT(*) AS n, COALESCE(SUM(weight), 0) AS requests,
         COALESCE(SUM(CASE WHEN status <> 'ok' THEN weight END), 0) AS failed,
         COALESCE(SUM(CASE WHEN fault = 'service' THEN weight END), 0) AS service_faults
  FROM calls
)
SELECT CAST(ROUND(requests) AS BIGINT) AS requests,
       CAST(ROUND(failed) AS BIGINT) AS failed_requests,
       CAST(ROUND(service_faults) AS BIGINT) AS service_faults,
       100 - 100 * failed / NULLIF(requests, 0) AS success_percent,
       100 - 100 * service_faults / NULLIF(requests, 0) AS availability_percent,
       CASE WHEN n = 0 THEN 'no request · 没有请求' ELSE 'n=' || CAST(n AS VARCHAR) END AS rates_note
FROM sums
