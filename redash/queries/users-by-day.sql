-- title: {en: Clients by day, zh-CN: 每日客户端}
-- description: {en: "Active, new, and seen before; pseudonymous", zh-CN: "活跃、新增与以前出现过的；匿名"}
-- details:
--   en: >
--     Clients with a request on the day; new ones had none before in the whole database, the others were seen
--     before. Clients are counted as they are logged: where only a sample of requests is logged, some are missed.
--     Marks of the period (the newest six) and the day that is not over are upright lines, named in the legend.
--   zh-CN: >
--     当天有请求的客户端；新客户端此前在整个数据库中没有请求，其余为以前出现过的。客户端按日志计数：只记录部分请求时会有遗漏。时间段内的标记（最新六个）和尚未结束的一天以竖线表示，名称见图例。
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_30_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
--   engine: {type: query, title: {en: Engine, zh-CN: 引擎}, query: engine-names, default: "%"}
--   emotion: {type: query, title: {en: Emotion, zh-CN: 情感}, query: emotion-names, default: "%"}
-- tags: [tts]
WITH firsts AS (
  -- the first request ever, whatever the period
  SELECT client_hash, MIN(local_at) AS first_at
  FROM tts_request
  WHERE client_hash IS NOT NULL AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
  GROUP BY client_hash
), active AS (
  SELECT DATE(local_at) AS day, client_hash
  FROM tts_request
  WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
    AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
    AND ('{{ engine }}' = '%' OR engine = '{{ engine }}')
    AND ('{{ emotion }}' = '%' OR emotion = '{{ emotion }}')
  GROUP BY 1, 2
), days AS (
  SELECT CAST(day AS VARCHAR) || 'T00:00:00' AS at, COUNT(*) AS active_clients, SUM(CASE WHEN DATE(first_at) = day THEN 1 ELSE 0 END) AS new_clients
  FROM active JOIN firsts ON firsts.client_hash = active.client_hash
  GROUP BY day
), shown AS (
  SELECT at, 'active' AS series, active_clients AS value, active_clients AS n FROM days
  UNION ALL
  SELECT at, 'new', new_clients, active_clients FROM days
  UNION ALL
  SELECT at, 'seen before', active_clients - new_clients, active_clients FROM days
), marked AS (
  -- upright lines, a second wide, since Redash adds up what has the same second: the newest marks, and the day that is not over
  SELECT at, words
  FROM (
    SELECT TO_CHAR(MIN(local_at), 'YYYY-MM-DD"T"HH24:MI:SS') AS at, kind || ' ' || label AS words
    FROM tts_mark
    WHERE local_at BETWEEN '{{ period.start }}' AND '{{ period.end }}.999999'
      AND ('{{ instance }}' = '%' OR instance IS NULL OR instance = '{{ instance }}')
    GROUP BY kind || ' ' || label
    ORDER BY MIN(local_at) DESC
    LIMIT 6
  ) AS newest
  UNION ALL
  SELECT at, 'today, so far · 今天，还没结束'
  FROM (SELECT TO_CHAR(NOW() AT TIME ZONE value, 'YYYY-MM-DD"T"00:00:00') AS at FROM setting WHERE name = 'report_timezone') AS clock
  WHERE at BETWEEN REPLACE('{{ period.start }}', ' ', 'T') AND REPLACE('{{ period.end }}', ' ', 'T')
), told AS (
  SELECT at, series, value, n FROM shown
  UNION ALL
  SELECT SUBSTR(at, 1, 17) || '00', words, 0, NULL FROM marked WHERE EXISTS (SELECT 1 FROM shown)
  UNION ALL
  SELECT SUBSTR(at, 1, 17) || '01', words, (SELECT MAX(value) FROM shown), NULL FROM marked WHERE EXISTS (SELECT 1 FROM shown)
  UNION ALL
  SELECT at, 'these lines have no client_hash · 这些行没有 client_hash', 0, NULL
  FROM (SELECT REPLACE('{{ period.start }}', ' ', 'T') AS at UNION ALL SELECT REPLACE('{{ period.end }}', ' ', 'T')) AS ends
  WHERE EXISTS (SELECT 1 FROM active) AND NOT EXISTS (SELECT 1 FROM days)
)
SELECT at, series, value, n
FROM told
ORDER BY at, series
