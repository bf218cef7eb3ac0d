WITH calls AS (
  SELECT COALESCE(engine, 'engine not said · 未说明引擎') AS engine, COALESCE(sample_weight, 1.0) AS weight,
         total_seconds, queue_seconds, synthesis_seconds, encode_seconds, stage_seconds
  FROM tts_request
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
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
  SELECT engine, item.key AS stage, SUM(weight * item.value) AS seconds
  FROM calls CROSS JOIN JSON_EACH(calls.stage_seconds) AS item
  GROUP BY engine, item.key
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
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
    AND status = 'ok'
  LIMIT 1) AS found
WHERE NOT EXISTS (SELECT 1 FROM sums)
ORDER BY engine, stage
