-- title: {en: "Stage split", zh-CN: "阶段拆分"}
-- description: {en: "Mean of an ok request that was synthesized; the parts add up to its total", zh-CN: "真正合成的成功请求的平均值；各部分之和为总时长"}
-- details:
--   en: >
--     Where the seconds of an ok request go, as the mean of each engine, weighted: in the queue, in each stage
--     that the engine tells, in the rest of synthesis, in encoding, and in what is left of the total. The parts
--     add up to the mean total. Only requests that were synthesized; a hit of the cache was not.
--   zh-CN: >
--     成功请求的时间去向，按引擎取加权平均：排队、引擎报告的各阶段、合成的其余部分、编码，以及总时长中剩下的部分；各部分之和等于平均总时长。只含真正合成的请求，不含缓存命中。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH calls AS NOT MATERIALIZED (
  SELECT COALESCE(engine, 'engine not said · 未说明引擎') AS engine, COALESCE(sample_weight, 1.0) AS weight,
         total_seconds, queue_seconds, synthesis_seconds, encode_seconds, stage_seconds
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok' AND synthesis_seconds IS NOT NULL
), sums AS (
  SELECT engine, SUM(weight) AS requests, SUM(weight * queue_seconds) AS queue_seconds,
         SUM(weight * encode_seconds) AS encode_seconds, SUM(weight * synthesis_seconds) AS synthesis_seconds,
         SUM(weight * (total_seconds - COALESCE(queue_seconds, 0) - synthesis_seconds - COALESCE(encode_seconds, 0))) AS other_seconds
  FROM calls
  GROUP BY engine
), stages AS (
  SELECT engine, stage, SUM(weight * CAST(stage_seconds -> stage AS DOUBLE PRECISION)) AS seconds
  FROM (SELECT engine, weight, stage_seconds, JSONB_OBJECT_KEYS(stage_seconds) AS stage FROM calls) AS named
  GROUP BY engine, stage
), split AS (
  SELECT engine, 1 AS place, 'queue' AS stage, queue_seconds AS seconds FROM sums
  UNION ALL SELECT engine, 2, stage, seconds FROM stages
  UNION ALL SELECT engine, 3, 'rest of synthesis', synthesis_seconds - COALESCE((SELECT SUM(seconds) FROM stages WHERE stages.engine = sums.engine), 0) FROM sums
  UNION ALL SELECT engine, 4, 'encode', encode_seconds FROM sums
  UNION ALL SELECT engine, 5, 'rest', other_seconds FROM sums
)
SELECT split.engine AS engine, split.stage AS stage,
       -- rounding of the writer's figures can leave less than nothing
       CASE WHEN split.seconds > 0 THEN split.seconds / sums.requests ELSE 0 END AS seconds,
       CAST(ROUND(sums.requests) AS BIGINT) AS requests
FROM split JOIN sums ON sums.engine = split.engine
WHERE split.seconds IS NOT NULL
UNION ALL
SELECT 'no synthesis_seconds in these lines · 这些行没有合成秒数', 'queue', NULL, 0
FROM (SELECT 1 FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok'
  LIMIT 1) AS found
WHERE NOT EXISTS (SELECT 1 FROM sums)
ORDER BY engine, stage
