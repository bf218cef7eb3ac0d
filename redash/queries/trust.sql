-- title: {en: Trust, zh-CN: 可信度}
-- details:
--   en: >
--     One row about the whole database, whatever the filters say: how old the newest request and the last load
--     are, how many bytes wait, and how many of the request lines read since the first pass could not be loaded
--     and were set aside (rejected). Lines that were loaded later, after a fix, are no longer counted as rejected.
--   zh-CN: >
--     关于整个数据库的一行，与筛选无关：最新请求和最近一次加载距今多久、还有多少字节未读，以及自首次加载以来读到的请求行中有多大比例无法加载而被隔离（拒收）。修复后重新加载的行不再计入拒收。
-- schedule: {interval_seconds: 300}
-- tags: [tts, pipeline]
WITH newest AS (
  SELECT ts, local_at FROM tts_request ORDER BY local_at DESC LIMIT 1
), loaded AS (
  SELECT SUM(n_ok + n_replayed + n_reprocessed) AS lines FROM ingest_stream
), refused AS (
  SELECT COUNT(*) AS lines FROM ingest_quarantine WHERE resolved_at IS NULL
), ages AS (
  -- a line ahead of this clock is new, not younger than nothing
  SELECT (SELECT EXTRACT(EPOCH FROM NOW() - LEAST(ts, NOW())) FROM newest) AS newest_age_seconds,
         (SELECT EXTRACT(EPOCH FROM NOW() - MIN(last_success_at)) FROM ingest_source) AS last_success_age_seconds
)
SELECT (SELECT value FROM setting WHERE name = 'report_timezone') AS report_timezone,
       COALESCE((SELECT SUBSTR(REPLACE(CAST(local_at AS VARCHAR), 'T', ' '), 1, 19) FROM newest), '–') AS newest_at_words,
       newest_age_seconds, last_success_age_seconds,
       -- as texts: Redash knows no minutes and no hours
       CASE WHEN newest_age_seconds < 120 THEN CAST(CAST(ROUND(newest_age_seconds) AS BIGINT) AS VARCHAR) || ' s' WHEN newest_age_seconds < 7200 THEN CAST(CAST(ROUND(newest_age_seconds / 60) AS BIGINT) AS VARCHAR) || ' min'
            WHEN newest_age_seconds < 172800 THEN CAST(CAST(ROUND(newest_age_seconds / 3600) AS BIGINT) AS VARCHAR) || ' h' WHEN newest_age_seconds IS NULL THEN 'none yet · 尚无' ELSE CAST(CAST(ROUND(newest_age_seconds / 86400) AS BIGINT) AS VARCHAR) || ' d' END AS newest_words,
       CASE WHEN last_success_age_seconds < 120 THEN CAST(CAST(ROUND(last_success_age_seconds) AS BIGINT) AS VARCHAR) || ' s' WHEN last_success_age_seconds < 7200 THEN CAST(CAST(ROUND(last_success_age_seconds / 60) AS BIGINT) AS VARCHAR) || ' min'
            WHEN last_success_age_seconds < 172800 THEN CAST(CAST(ROUND(last_success_age_seconds / 3600) AS BIGINT) AS VARCHAR) || ' h' WHEN last_success_age_seconds IS NULL THEN 'none yet · 尚无' ELSE CAST(CAST(ROUND(last_success_age_seconds / 86400) AS BIGINT) AS VARCHAR) || ' d' END AS last_success_words,
       (SELECT SUM(lag_bytes) FROM ingest_source) AS lag_bytes,
       refused.lines AS rejected_lines,
       100.0 * refused.lines / NULLIF(COALESCE(loaded.lines, 0) + refused.lines, 0) AS rejected_percent
FROM loaded CROSS JOIN refused CROSS JOIN ages
