-- title: {en: "What these lines measure", zh-CN: "这些行包含哪些指标"}
-- description: {en: "Share of ok requests that carry a figure; without it a panel has nothing to draw", zh-CN: "带有该指标的成功请求占比；没有它，面板便无从绘制"}
-- details:
--   en: >
--     For each figure that panels need the share of ok requests that carry it, weighted. A figure that no line of
--     the period carries can't be drawn: lines of the older forms hold five fields only.
--   zh-CN: >
--     各面板所需的每项指标，有多大比例的成功请求带有它（加权）。时间段内没有任何行带有的指标无法绘制：旧格式的行只有五个字段。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT SUM(weight) AS requests,
         SUM(CASE WHEN total_seconds IS NOT NULL THEN weight ELSE 0 END) AS with_total_seconds,
         SUM(CASE WHEN queue_seconds IS NOT NULL THEN weight ELSE 0 END) AS with_queue_seconds,
         SUM(CASE WHEN synthesis_seconds IS NOT NULL THEN weight ELSE 0 END) AS with_synthesis_seconds,
         SUM(CASE WHEN first_audio_seconds IS NOT NULL THEN weight ELSE 0 END) AS with_first_audio_seconds,
         SUM(CASE WHEN stage_seconds IS NOT NULL THEN weight ELSE 0 END) AS with_stage_seconds,
         SUM(CASE WHEN audio_seconds IS NOT NULL THEN weight ELSE 0 END) AS with_audio_seconds,
         SUM(CASE WHEN engine IS NOT NULL THEN weight ELSE 0 END) AS with_engine,
         SUM(CASE WHEN vocoder IS NOT NULL THEN weight ELSE 0 END) AS with_vocoder,
         SUM(CASE WHEN model_version IS NOT NULL THEN weight ELSE 0 END) AS with_model_version,
         SUM(CASE WHEN text_tokens IS NOT NULL THEN weight ELSE 0 END) AS with_text_tokens,
         SUM(CASE WHEN repeat IS NOT NULL THEN weight ELSE 0 END) AS with_repeat,
         SUM(CASE WHEN emotion_applied IS NOT NULL THEN weight ELSE 0 END) AS with_emotion_applied,
         SUM(CASE WHEN emotion_intensity IS NOT NULL THEN weight ELSE 0 END) AS with_emotion_intensity,
         SUM(CASE WHEN gpu_seconds IS NOT NULL THEN weight ELSE 0 END) AS with_gpu_seconds,
         SUM(CASE WHEN gpu_memory_peak_bytes IS NOT NULL THEN weight ELSE 0 END) AS with_gpu_memory_peak_bytes,
         SUM(CASE WHEN gpu_utilization IS NOT NULL THEN weight ELSE 0 END) AS with_gpu_utilization,
         SUM(CASE WHEN client_hash IS NOT NULL THEN weight ELSE 0 END) AS with_client_hash
  FROM (
    SELECT tts_request.*, COALESCE(sample_weight, 1.0) AS weight
    FROM tts_request
    WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
      AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
          BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
              AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
      AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
      AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
      AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
      AND status = 'ok'
  ) AS weighed
), figures AS (
  SELECT 1 AS place, 'total time · 总时长' AS figure, 'total_seconds' AS column_name, with_total_seconds AS measured, requests FROM calls
  UNION ALL SELECT 2, 'time in the queue · 排队时间', 'queue_seconds', with_queue_seconds, requests FROM calls
  UNION ALL SELECT 3, 'synthesis time · 合成时间', 'synthesis_seconds', with_synthesis_seconds, requests FROM calls
  UNION ALL SELECT 4, 'time to first audio · 首个声音时间', 'first_audio_seconds', with_first_audio_seconds, requests FROM calls
  UNION ALL SELECT 5, 'stages · 阶段', 'stage_seconds', with_stage_seconds, requests FROM calls
  UNION ALL SELECT 6, 'seconds of audio · 音频秒数', 'audio_seconds', with_audio_seconds, requests FROM calls
  UNION ALL SELECT 7, 'engine · 引擎', 'engine', with_engine, requests FROM calls
  UNION ALL SELECT 8, 'vocoder · 声码器', 'vocoder', with_vocoder, requests FROM calls
  UNION ALL SELECT 9, 'version of the model · 模型版本', 'model_version', with_model_version, requests FROM calls
  UNION ALL SELECT 10, 'tokens of the text · 文本词元数', 'text_tokens', with_text_tokens, requests FROM calls
  UNION ALL SELECT 11, 'spoken before · 是否重复', 'repeat', with_repeat, requests FROM calls
  UNION ALL SELECT 12, 'emotion applied · 情感是否应用', 'emotion_applied', with_emotion_applied, requests FROM calls
  UNION ALL SELECT 13, 'intensity of the emotion · 情感强度', 'emotion_intensity', with_emotion_intensity, requests FROM calls
  UNION ALL SELECT 14, 'GPU seconds · GPU 秒数', 'gpu_seconds', with_gpu_seconds, requests FROM calls
  UNION ALL SELECT 15, 'GPU memory · 显存', 'gpu_memory_peak_bytes', with_gpu_memory_peak_bytes, requests FROM calls
  UNION ALL SELECT 16, 'GPU utilization · GPU 利用率', 'gpu_utilization', with_gpu_utilization, requests FROM calls
  UNION ALL SELECT 17, 'client · 客户端', 'client_hash', with_client_hash, requests FROM calls
)
SELECT figure, column_name, CAST(ROUND(measured) AS BIGINT) AS measured_requests, 100 * measured / requests AS share_percent,
       CASE WHEN measured = 0 THEN 'not in these lines · 这些行没有' WHEN measured < requests THEN 'in a part of them · 部分行有' ELSE 'in all of them · 全部行有' END AS says
FROM figures
WHERE requests > 0
ORDER BY place
