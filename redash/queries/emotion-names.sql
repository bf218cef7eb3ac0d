-- title: {en: Names of emotions, zh-CN: 情感名称}
-- description:
--   en: >
--     The emotions that lines name, for the filter of the dashboards. A name with a quote or a backslash is left
--     out, since Redash puts values into the SQL as they are.
--   zh-CN: >
--     日志中出现过的情感，供仪表板筛选。含引号或反斜杠的名称不列出，因为 Redash 会把值原样放进 SQL。
-- schedule: {interval_seconds: 3600}
-- tags: [tts]
SELECT 'All emotions · 全部情感' AS name, '%' AS value
UNION ALL
SELECT emotion AS name, emotion AS value
FROM tts_request
WHERE emotion IS NOT NULL AND emotion <> '%'
  AND REPLACE(REPLACE(emotion, '''', ''), '\', '') = emotion
GROUP BY emotion
ORDER BY value
