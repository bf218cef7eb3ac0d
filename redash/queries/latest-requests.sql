-- title: Latest requests
-- description: The newest requests of the period, newest first. The text is in no line, so it is in no column.
-- parameters:
--   period: {type: datetime-range-with-seconds, title: Period, default: d_last_30_days}
--   instance: {type: query, title: Instance, query: instances, default: "%"}
--   newest: {type: number, title: Rows, default: 1000}
-- tags: [tts]
SELECT local_at, request_id, instance, status, error_code, engine, language, emotion, text_chars,
       total_seconds, synthesis_seconds, audio_seconds,
       CASE WHEN audio_seconds > 0 THEN synthesis_seconds / audio_seconds END AS rtf
FROM tts_request
WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves
  AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8))
      BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8))
          AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8))
  AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
ORDER BY local_at DESC, row_id DESC
LIMIT {{ newest }}
