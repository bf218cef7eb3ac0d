SELECT committed_at, source_id, last_path, to_off - from_off AS bytes, ingest_batch.n_ok AS n_ok, ingest_batch.n_dup AS n_dup,
       ingest_batch.n_quarantined AS n_quarantined, ingest_batch.n_skipped + ingest_batch.n_blank AS n_skipped,
       (JULIANDAY(committed_at) - JULIANDAY(begun_at)) * 86400 AS batch_seconds
FROM ingest_batch JOIN ingest_stream ON ingest_stream.stream_id = ingest_batch.stream_id
ORDER BY committed_at DESC, ingest_batch.stream_id, from_off DESC
LIMIT 50
