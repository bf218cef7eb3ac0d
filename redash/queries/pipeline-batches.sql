-- title: {en: "Newest batches", zh-CN: "最新批次"}
-- description: {en: "Fifty, newest first; moments are UTC", zh-CN: "五十个，最新在前；时间为 UTC"}
-- details:
--   en: >
--     The newest fifty batches of the ledger: which stretch of which stream was read, what became of its lines,
--     and how long it took. Moments are UTC.
--   zh-CN: >
--     台账中最新的五十个批次：读取了哪个流的哪一段、各行的去向以及用时。时间为 UTC。
-- schedule: {interval_seconds: 900}
-- tags: [tts, pipeline]
SELECT committed_at, source_id, last_path, to_off - from_off AS bytes, ingest_batch.n_ok AS n_ok, ingest_batch.n_dup AS n_dup,
       ingest_batch.n_quarantined AS n_quarantined, ingest_batch.n_skipped + ingest_batch.n_blank AS n_skipped,
       EXTRACT(EPOCH FROM committed_at - begun_at) AS batch_seconds
FROM ingest_batch JOIN ingest_stream ON ingest_stream.stream_id = ingest_batch.stream_id
ORDER BY committed_at DESC, ingest_batch.stream_id, from_off DESC
LIMIT 50
