WITH marks AS (
  SELECT local_at AS begins_at, instance, label
  FROM tts_mark
  WHERE local_at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}.999999', ' ', 'T')
    AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
    AND kind = 'release'
), slots AS (
  -- they are the period: each is a stretch of the index
  SELECT begins_at AS slot_at, LEAD(begins_at, 1, REPLACE('{{ period.end }}.999999~', ' ', 'T')) OVER (ORDER BY begins_at) AS ends_at
  FROM (SELECT begins_at FROM marks UNION SELECT REPLACE('{{ period.start }}', ' ', 'T')) AS found
), calls AS NOT MATERIALIZED (
  SELECT COALESCE(instance, '-') AS instance, slot_at, status, fault, COALESCE(sample_weight, 1.0) AS weight,
         CASE WHEN status = 'ok' THEN total_seconds END AS ok_seconds,
         CASE WHEN status = 'ok' AND audio_seconds > 0 THEN synthesis_seconds END AS synthesis_seconds,
         CASE WHEN status = 'ok' AND synthesis_seconds IS NOT NULL THEN audio_seconds END AS audio_seconds
  FROM slots CROSS JOIN tts_request
  WHERE local_at >= slot_at AND local_at < ends_at
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
), cells AS (
  SELECT slot_at, instance, SUM(weight) AS requests, SUM(CASE WHEN status = 'ok' THEN weight ELSE 0 END) AS ok,
         SUM(CASE WHEN fault = 'service' THEN weight ELSE 0 END) AS service_faults,
         SUM(synthesis_seconds * weight) AS synthesis, SUM(audio_seconds * weight) AS audio,
         COUNT(ok_seconds) AS n_timed, SUM(CASE WHEN ok_seconds IS NOT NULL THEN weight END) AS rank_of_all
  FROM calls
  GROUP BY slot_at, instance
), releases AS (
  -- of a cell the newest release of its instance; a mark without an instance is one of all
  SELECT cells.slot_at, cells.instance, COALESCE(MAX(begins_at), '') AS begins_at
  FROM cells LEFT JOIN marks ON begins_at <= slot_at AND (marks.instance IS NULL OR marks.instance = cells.instance)
  GROUP BY cells.slot_at, cells.instance
), numbered AS (
  SELECT slot_at, instance, begins_at, DENSE_RANK() OVER (ORDER BY instance, begins_at) AS number FROM releases
), sums AS (
  SELECT numbered.instance, numbered.begins_at, number, SUM(requests) AS requests, 100 * SUM(ok) / SUM(requests) AS success_percent,
         100 - 100 * SUM(service_faults) / SUM(requests) AS availability_percent,
         SUM(synthesis) / NULLIF(SUM(audio), 0) AS rtf,
         SUM(n_timed) AS n_timed, SUM(rank_of_all) AS rank_of_all
  FROM numbered JOIN cells ON cells.slot_at = numbered.slot_at AND cells.instance = numbered.instance
  GROUP BY number, numbered.instance, numbered.begins_at
), ranked AS (
  SELECT number, ok_seconds, SUM(weight) OVER (PARTITION BY number ORDER BY ok_seconds ROWS UNBOUNDED PRECEDING) AS rank_up_to
  FROM calls JOIN numbered ON numbered.slot_at = calls.slot_at AND numbered.instance = calls.instance
  WHERE ok_seconds IS NOT NULL
), percentiles AS (
  SELECT sums.instance, sums.begins_at,
         CASE WHEN MAX(n_timed) >= 20 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 50 THEN ok_seconds END) END AS p50_seconds,
         CASE WHEN MAX(n_timed) >= 100 THEN MIN(CASE WHEN rank_up_to * 100 >= rank_of_all * 95 THEN ok_seconds END) END AS p95_seconds
  FROM ranked JOIN sums ON sums.number = ranked.number
  GROUP BY sums.instance, sums.begins_at
), labels AS (
  SELECT CAST(begins_at AS VARCHAR) AS begins_at, instance, MAX(label) AS label FROM marks GROUP BY begins_at, instance
)
SELECT sums.instance, CASE WHEN sums.begins_at = '' THEN '–' ELSE REPLACE(SUBSTR(sums.begins_at, 1, 16), 'T', ' ') END AS released_at,
       COALESCE(MAX(labels.label), 'before · 之前') AS release,
       CAST(ROUND(requests) AS BIGINT) AS requests, success_percent, availability_percent, p50_seconds, p95_seconds, rtf,
       success_percent - LAG(success_percent) OVER (PARTITION BY sums.instance ORDER BY sums.begins_at) AS success_change,
       availability_percent - LAG(availability_percent) OVER (PARTITION BY sums.instance ORDER BY sums.begins_at) AS availability_change,
       100 * p95_seconds / NULLIF(LAG(p95_seconds) OVER (PARTITION BY sums.instance ORDER BY sums.begins_at), 0) - 100 AS p95_change_percent,
       100 * rtf / NULLIF(LAG(rtf) OVER (PARTITION BY sums.instance ORDER BY sums.begins_at), 0) - 100 AS rtf_change_percent
FROM sums
LEFT JOIN percentiles ON percentiles.instance = sums.instance AND percentiles.begins_at = sums.begins_at
LEFT JOIN labels ON labels.begins_at = sums.begins_at AND (labels.instance IS NULL OR labels.instance = sums.instance)
GROUP BY sums.instance, sums.begins_at, requests, success_percent, availability_percent, p50_seconds, p95_seconds, rtf
ORDER BY sums.instance, sums.begins_at
