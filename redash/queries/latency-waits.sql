-- title: {en: "Who waited", zh-CN: "等待情况"}
-- details:
--   en: >
--     A request waits until the first sound, or until the last byte where the first sound was not measured.
--     slow_share is the share of ok requests, weighted, that waited over 2 seconds; slow_client_share the share of
--     clients with such a request, null where no line names a client. success_rate is ok of all requests;
--     availability counts faults of the service alone.
--   zh-CN: >
--     等待时间到首个声音为止；未测首个声音时到最后一个字节为止。slow_share 是等待超过 2 秒的成功请求占比（加权）；slow_client_share 是至少有一次此类请求的客户端占比，没有行说明客户端时为空。成功率是 ok 占全部请求的比例；可用性只计服务自身的故障。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT DATE(local_at) AS day, client_hash, status, fault, COALESCE(sample_weight, 1.0) AS weight,
         CASE WHEN status = 'ok' THEN COALESCE(first_audio_seconds, total_seconds) END AS waited_seconds
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), clients AS (
  SELECT day, client_hash, SUM(weight) AS requests,
         SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) AS ok,
         SUM(CASE WHEN fault = 'service' THEN weight ELSE 0 END) AS service_faults,
         SUM(CASE WHEN waited_seconds IS NOT NULL THEN weight ELSE 0 END) AS measured,
         SUM(CASE WHEN waited_seconds > 2 THEN weight ELSE 0 END) AS slow
  FROM calls
  GROUP BY day, client_hash
), days AS (
  SELECT day, SUM(requests) AS requests, SUM(ok) / SUM(requests) AS success_rate,
         1 - SUM(service_faults) / SUM(requests) AS availability,
         SUM(slow) / NULLIF(SUM(measured), 0) AS slow_share,
         1.0 * SUM(CASE WHEN client_hash IS NOT NULL AND slow > 0 THEN 1 ELSE 0 END)
           / NULLIF(SUM(CASE WHEN client_hash IS NOT NULL AND measured > 0 THEN 1 ELSE 0 END), 0) AS slow_client_share
  FROM clients
  GROUP BY day
), marks AS (
  SELECT local_at, kind || COALESCE(' ' || label, '') AS words
  FROM tts_mark
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
), marked AS (
  -- what is drawn on the trend: marks, and the day that is not over
  SELECT DATE(local_at) AS at, MIN(words) || CASE WHEN MAX(words) > MIN(words) THEN ', ' || MAX(words) ELSE '' END AS words
  FROM (
    SELECT local_at, words FROM marks
    UNION ALL
    SELECT DATE_TRUNC('day', NOW() AT TIME ZONE value), 'today, so far · 今天，还没结束' FROM setting WHERE name = 'report_timezone'
  ) AS told
  GROUP BY DATE(local_at)
)
SELECT spine.day, CAST(ROUND(COALESCE(requests, 0)) AS BIGINT) AS requests, slow_share, slow_client_share, success_rate, availability,
       CASE WHEN marked.at IS NOT NULL THEN 1 END AS mark,
       marked.words AS mark_words
FROM (SELECT day FROM days UNION SELECT DATE(local_at) FROM marks) AS spine
LEFT JOIN days ON days.day = spine.day
LEFT JOIN marked ON marked.at = spine.day
ORDER BY spine.day
