-- title: {en: Users in total, zh-CN: 用户总计}
-- details:
--   en: >
--     One row for the whole period: pseudonymous clients (keyed hashes; a rotated key starts new ones), how many
--     of them are seen for the first time, requests, and hours of speech.
--   zh-CN: >
--     整个时间段一行：匿名客户端（带密钥的哈希；更换密钥会产生新的客户端）、其中首次出现的、请求数和语音小时数。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH firsts AS (
  -- the first request ever, whatever the period
  SELECT client_hash, MIN(local_at) AS first_at
  FROM tts_request
  WHERE client_hash IS NOT NULL AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
  GROUP BY client_hash
), calls AS (
  SELECT client_hash, status, audio_seconds, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), clients AS (
  SELECT client_hash, SUM(weight) AS requests, SUM(CASE WHEN status = 'ok' THEN audio_seconds * weight END) AS audio_seconds
  FROM calls
  GROUP BY client_hash
)
-- lines without a client are one group of null, so clients that are not said are no 0
SELECT NULLIF(COUNT(clients.client_hash), 0) AS clients,
       CASE WHEN COUNT(clients.client_hash) > 0 THEN SUM(CASE WHEN firsts.first_at >= DATE('{{ period.start }}') THEN 1 ELSE 0 END) END AS new_clients,
       CASE WHEN COUNT(requests) = 0 THEN 'no request · 没有请求' WHEN COUNT(clients.client_hash) = 0 THEN 'not in these lines · 这些行没有' ELSE '' END AS clients_note,
       CAST(ROUND(COALESCE(SUM(requests), 0)) AS BIGINT) AS requests,
       SUM(audio_seconds) / 3600 AS audio_hours,
       CASE WHEN COUNT(requests) = 0 THEN 'no request · 没有请求' WHEN SUM(audio_seconds) IS NULL THEN 'not in these lines · 这些行没有' ELSE '' END AS audio_note
FROM clients
LEFT JOIN firsts ON firsts.client_hash = clients.client_hash
