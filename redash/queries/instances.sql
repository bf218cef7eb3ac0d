-- title: {en: Instances, zh-CN: 实例}
-- description:
--   en: The instances that have written lines, for the filter of the dashboards. A name with a quote or a backslash is left out, since Redash puts values into the SQL as they are.
--   zh-CN: 写过日志行的实例，供仪表盘筛选。含引号或反斜杠的名称不列出，因为 Redash 会把值原样放入 SQL。
-- schedule: {interval_seconds: 3600}
-- tags: [tts]
SELECT 'All instances · 全部实例' AS name, '%' AS value
UNION ALL
SELECT instance AS name, instance AS value
FROM tts_request
WHERE instance IS NOT NULL AND instance <> '%'
  AND REPLACE(REPLACE(instance, '''', ''), '\', '') = instance
GROUP BY instance
ORDER BY value
