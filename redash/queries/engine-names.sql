-- title: {en: Names of engines, zh-CN: 引擎名称}
-- description:
--   en: >
--     The engines that lines name, for the filter of the dashboards. A name with a quote or a backslash is left
--     out, since Redash puts values into the SQL as they are.
--   zh-CN: >
--     日志中出现过的引擎，供仪表板筛选。含引号或反斜杠的名称不列出，因为 Redash 会把值原样放进 SQL。
-- schedule: {interval_seconds: 3600}
-- tags: [tts]
SELECT 'All engines · 全部引擎' AS name, '%' AS value
UNION ALL
SELECT engine AS name, engine AS value
FROM tts_request
WHERE engine IS NOT NULL AND engine <> '%'
  AND REPLACE(REPLACE(engine, '''', ''), '\', '') = engine
GROUP BY engine
ORDER BY value
