-- Everyday questions to the view tts_logs. Each query runs unchanged on SQLite and on PostgreSQL;
-- tests/etl/test_everyday_queries.py runs them on both. Days and hours are those of the report time zone.

-- calls and success rate by day
SELECT DATE(timestamp) AS day, COUNT(*) AS calls, AVG(success) * 100 AS success_percent
FROM tts_logs
GROUP BY DATE(timestamp)
ORDER BY day;

-- calls, latency and success rate by emotion
SELECT emotion, COUNT(*) AS calls, AVG(response_time) AS mean_seconds, AVG(success) * 100 AS success_percent
FROM tts_logs
GROUP BY emotion
ORDER BY calls DESC, emotion;

-- latency of successful calls by length class
SELECT
    CASE WHEN text_length < 50 THEN 'short' WHEN text_length <= 150 THEN 'medium' ELSE 'long' END AS length_class,
    COUNT(*) AS calls,
    AVG(response_time) AS mean_seconds
FROM tts_logs
WHERE success = 1
GROUP BY length_class
ORDER BY mean_seconds;

-- calls by hour of the day
SELECT SUBSTR(CAST(timestamp AS TEXT), 12, 2) AS hour, COUNT(*) AS calls
FROM tts_logs
GROUP BY hour
ORDER BY hour;

-- the last 7 days that had calls
SELECT DATE(timestamp) AS day, COUNT(*) AS calls
FROM tts_logs
WHERE DATE(timestamp) IN (SELECT DISTINCT DATE(timestamp) FROM tts_logs ORDER BY 1 DESC LIMIT 7)
GROUP BY DATE(timestamp)
ORDER BY day DESC;

-- one day
SELECT COUNT(*) AS calls
FROM tts_logs
WHERE DATE(timestamp) = '2026-11-21';

-- since a moment
SELECT COUNT(*) AS calls
FROM tts_logs
WHERE timestamp >= '2026-11-20' AND timestamp < '2026-11-21 12:00:00';

-- the slowest calls
SELECT id, timestamp, text_length, response_time
FROM tts_logs
WHERE response_time IS NOT NULL
ORDER BY response_time DESC, id
LIMIT 3;

-- failures by day
SELECT DATE(timestamp) AS day, SUM(1 - success) AS failures
FROM tts_logs
GROUP BY DATE(timestamp)
HAVING SUM(1 - success) > 0
ORDER BY day;

-- share of each emotion
SELECT emotion, COUNT(*) * 100.0 / SUM(COUNT(*)) OVER () AS percent
FROM tts_logs
GROUP BY emotion
ORDER BY percent DESC, emotion;

-- characters a second
SELECT SUM(text_length) / SUM(response_time) AS chars_per_second
FROM tts_logs
WHERE success = 1;

-- the latest calls
SELECT *
FROM tts_logs
ORDER BY id DESC
LIMIT 2;
