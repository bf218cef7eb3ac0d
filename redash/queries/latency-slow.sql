-- title: {en: "Long waits", zh-CN: "长等待"}
-- details:
--   en: >
--     One row for the whole period: the share of ok requests, weighted, that waited over 2 seconds for the first
--     sound (for the last byte where the first sound was not measured), and the share of clients who met such a
--     wait at least once.
--   zh-CN: >
--     整个时间段一行：等待首个声音（未测时等到最后一个字节）超过 2 秒的成功请求占比（加权），以及至少遇到一次这种等待的客户端占比。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT client_hash, COALESCE(sample_weight, 1.0) AS weight, COALESCE(first_audio_seconds, total_seconds) AS waited_seconds
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok'
), clients AS (
  SELECT client_hash,
         SUM(CASE WHEN waited_seconds IS NOT NULL THEN weight ELSE 0 END) AS measured,
         SUM(CASE WHEN waited_seconds > 2 THEN weight ELSE 0 END) AS slow
  FROM calls
  GROUP BY client_hash
)
SELECT CAST(ROUND(SUM(measured)) AS BIGINT) AS measured,
       100 * SUM(slow) / NULLIF(SUM(measured), 0) AS slow_percent,
       'n=' || CAST(CAST(ROUND(SUM(measured)) AS BIGINT) AS VARCHAR) AS n_requests,
       COUNT(client_hash) AS clients, 'n=' || CAST(COUNT(client_hash) AS VARCHAR) AS n_clients,
       -- as a text: a counter has no other way to say that the lines name no client
       CASE WHEN COUNT(client_hash) = 0 THEN 'not said · 未说明'
            ELSE CAST(CAST(ROUND(100.0 * SUM(CASE WHEN client_hash IS NOT NULL AND slow > 0 THEN 1 ELSE 0 END) / COUNT(client_hash)) AS BIGINT) AS VARCHAR) || ' %'
       END AS slow_clients
FROM clients
HAVING COUNT(*) > 0
