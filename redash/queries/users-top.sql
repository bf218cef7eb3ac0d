-- title: {en: Top clients, zh-CN: 主要客户端}
-- description: {en: "Customer and department where one may see them", zh-CN: "有权查看时显示客户与部门"}
-- details:
--   en: >
--     The 50 clients with most seconds of speech. A client is a keyed hash; its customer and department stand
--     beside it where the reader may see them (the role tts_owner on PostgreSQL, see tts-etl clients import), else
--     they are empty.
--   zh-CN: >
--     语音秒数最多的 50 个客户端。客户端为带密钥的哈希；有权查看者（PostgreSQL 上的角色 tts_owner，参见 tts-etl clients import）可见其客户与部门，否则为空。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH labels AS (
  -- the names are read only where this role may, in a query of their own: a plain join would fail for all others
  SELECT SPLIT_PART(word, CHR(31), 1) AS client_hash, SPLIT_PART(word, CHR(31), 2) AS customer, SPLIT_PART(word, CHR(31), 3) AS department
  FROM TS_STAT(CASE WHEN HAS_TABLE_PRIVILEGE('tts_client', 'SELECT')
                 THEN 'SELECT ARRAY_TO_TSVECTOR(ARRAY[CONCAT_WS(CHR(31), client_hash, LEFT(customer, 200), LEFT(department, 200))]) FROM tts_client'
                 ELSE 'SELECT CAST('''' AS TSVECTOR)' END) AS found (word, documents, entries)
), calls AS (
  SELECT client_hash, status, fault, audio_seconds, text_chars, local_at, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), clients AS (
  SELECT client_hash, SUM(weight) AS requests,
         SUM(CASE WHEN status = 'ok' THEN audio_seconds * weight END) AS audio_seconds,
         SUM(CASE WHEN status = 'ok' THEN text_chars * weight END) AS text_chars,
         SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) AS ok,
         SUM(CASE WHEN fault = 'service' THEN weight ELSE 0 END) AS service_faults,
         MAX(local_at) AS newest_at
  FROM calls
  GROUP BY client_hash
)
SELECT COALESCE(clients.client_hash, 'no client_hash · 没有 client_hash') AS client,
       COALESCE(labels.customer, '') AS customer, COALESCE(labels.department, '') AS department,
       CAST(ROUND(requests) AS BIGINT) AS requests, audio_seconds, CAST(ROUND(text_chars) AS BIGINT) AS text_chars,
       100 * audio_seconds / NULLIF(SUM(audio_seconds) OVER (), 0) AS audio_percent,
       100 * ok / requests AS success_percent, 100 - 100 * service_faults / requests AS availability_percent, newest_at
FROM clients
LEFT JOIN labels ON labels.client_hash = clients.client_hash
ORDER BY COALESCE(audio_seconds, 0) DESC, requests DESC, client
LIMIT 50
