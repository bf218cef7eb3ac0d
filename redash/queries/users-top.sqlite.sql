WITH labels AS (
  SELECT client_hash, customer, COALESCE(department, '') AS department FROM tts_client
), calls AS (
  SELECT client_hash, status, fault, audio_seconds, text_chars, local_at, COALESCE(sample_weight, 1.0) AS weight
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
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
