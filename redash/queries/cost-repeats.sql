-- title: {en: "Seconds spent on repeats", zh-CN: "花在重复上的秒数"}
-- description: {en: "Same text, voice and emotion as before: shares of all ok requests", zh-CN: "与之前相同的文本、音色与情感：占全部成功请求"}
-- details:
--   en: >
--     GPU seconds, synthesis seconds and requests of ok requests by whether the same text, voice and emotion had
--     been spoken before: spoken again (a cache would have saved it), spoken for the first time, answered from the
--     cache, or not said in the line. Shares are of all ok requests, weighted.
--   zh-CN: >
--     成功请求的 GPU 秒数、合成秒数与请求数，按同样的文本、音色与情感是否合成过：再次合成（缓存本可节省）、首次合成、由缓存应答、行中未说明。占比以全部成功请求为基数（加权）。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT CASE WHEN cache_hit THEN 'from the cache · 取自缓存' WHEN repeat THEN 'spoken again · 再次合成'
              WHEN repeat IS NULL THEN 'not said in these lines · 这些行未说明' ELSE 'first time · 首次合成' END AS kind,
         COALESCE(sample_weight, 1.0) AS weight, gpu_seconds, synthesis_seconds
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok'
), kinds AS (
  SELECT kind, SUM(weight) AS requests, SUM(weight * gpu_seconds) AS gpu, SUM(weight * synthesis_seconds) AS synthesis
  FROM calls
  GROUP BY kind
)
SELECT kind, CAST(ROUND(requests) AS BIGINT) AS requests, requests / SUM(requests) OVER () AS request_share,
       gpu AS gpu_seconds, COALESCE(gpu, 0) / NULLIF(SUM(gpu) OVER (), 0) AS gpu_share,
       synthesis AS synthesis_seconds, COALESCE(synthesis, 0) / NULLIF(SUM(synthesis) OVER (), 0) AS synthesis_share
FROM kinds
ORDER BY requests DESC, kind
