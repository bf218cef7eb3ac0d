-- title: Instances
-- description: The instances that have written lines, for the filter of the dashboards. A name with a quote or a backslash is left out, since Redash puts values into the SQL as they are.
-- tags: [tts]
SELECT 'All instances' AS name, '%' AS value
UNION ALL
SELECT instance AS name, instance AS value
FROM tts_request
WHERE instance IS NOT NULL AND instance <> '%'
  AND REPLACE(REPLACE(instance, '''', ''), '\', '') = instance
GROUP BY instance
ORDER BY value
