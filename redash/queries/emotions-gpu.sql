-- title: {en: "GPU against calm", zh-CN: "与平静相比的 GPU"}
-- details:
--   en: >
--     Peak memory of the process and utilization of the GPU while a request of the emotion was spoken, over the
--     mean of requests with the emotion calm on the same engine: 1 is the same. The engines are weighed as the
--     emotion uses them. Weighted means of ok requests; engines without a measured calm request are left out.
--   zh-CN: >
--     合成某种情感时的进程显存峰值与 GPU 利用率，除以同一引擎上“平静”情感请求的平均值：1 表示相同。各引擎的权重取该情感的使用分布。为成功请求的加权平均；没有实测“平静”请求的引擎不计。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS (
  SELECT COALESCE(emotion, 'unknown') AS emotion, COALESCE(engine, 'unknown') AS engine, COALESCE(sample_weight, 1.0) AS weight,
         gpu_memory_peak_bytes, gpu_utilization
  FROM tts_request
  WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
    AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
        BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
            AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok'
), cells AS (
  SELECT emotion, engine, COUNT(*) AS n, COUNT(gpu_memory_peak_bytes) AS n_memory, COUNT(gpu_utilization) AS n_utilization,
         SUM(CASE WHEN gpu_memory_peak_bytes IS NOT NULL THEN weight END) AS memory_weight,
         SUM(weight * gpu_memory_peak_bytes) AS memory,
         SUM(CASE WHEN gpu_utilization IS NOT NULL THEN weight END) AS utilization_weight,
         SUM(weight * gpu_utilization) AS utilization
  FROM calls
  GROUP BY emotion, engine
), emotions AS (
  SELECT cells.emotion, SUM(cells.n_memory) AS n_memory, SUM(cells.n_utilization) AS n_utilization,
         SUM(cells.memory) / SUM(cells.memory_weight) AS memory_bytes,
         100 * SUM(cells.utilization) / SUM(cells.utilization_weight) AS utilization_percent,
         SUM(cells.memory / (calm.memory / calm.memory_weight)) / SUM(CASE WHEN calm.memory > 0 THEN cells.memory_weight END) AS memory_ratio,
         SUM(cells.utilization / (calm.utilization / calm.utilization_weight)) / SUM(CASE WHEN calm.utilization > 0 THEN cells.utilization_weight END) AS utilization_ratio
  FROM cells LEFT JOIN cells AS calm
    ON calm.engine = cells.engine AND calm.emotion = 'calm' AND (calm.memory > 0 OR calm.utilization > 0)
  GROUP BY cells.emotion
)
SELECT emotion, CAST(n_memory AS BIGINT) AS n_memory, CAST(n_utilization AS BIGINT) AS n_utilization,
       memory_bytes, utilization_percent, memory_ratio, utilization_ratio
FROM emotions
WHERE memory_ratio IS NOT NULL OR utilization_ratio IS NOT NULL
UNION ALL
SELECT 'no GPU figures of calm requests in these lines · 这些行没有平静请求的 GPU 数据', 0, 0, NULL, NULL, NULL, NULL
FROM (SELECT SUM(n) AS n FROM cells) AS found
WHERE n > 0 AND NOT EXISTS (SELECT 1 FROM emotions WHERE memory_ratio IS NOT NULL OR utilization_ratio IS NOT NULL)
ORDER BY emotion
