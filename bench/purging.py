"""`tts-etl purge` on PostgreSQL, by its number of rows: of whole months, and of the days of a month that is cut."""

from __future__ import annotations

import json

from sqlalchemy import create_engine, text

from bench.databases import Databases
from bench.figures import Figure
from bench.measure import median, run, tts_etl

# The rows of August and September, and one of 2 October: a day's age takes both months, 30 days' age all of August and
# the first day of September.
_FILL = text(
    "INSERT INTO tts_request (event_day, local_at, ts, writer_id, seq, status, line_sha256, stream_id, byte_offset) "
    "SELECT day, day, day, 'bench', n, 'ok', sha256(n::text::bytea), 1, n * 1550 FROM "
    "(SELECT n, date '2026-08-01' + CASE WHEN n = 0 THEN 62 ELSE (n * 61 / :rows)::int END AS day "
    "FROM generate_series(0::bigint, :rows - 1) AS n) AS made"
)
# The books of these rows, as the loader would have kept them.
_BOOKS = (
    "INSERT INTO ingest_stream (stream_id, source_id, head_sha256, head_cut, generation, n_replayed, first_seen_at) "
    "OVERRIDING SYSTEM VALUE SELECT 1, 'bench', sha256('bench'), false, 0, COUNT(*), now() FROM tts_request",
    "INSERT INTO ingest_day (stream_id, event_day, n_rows) "
    "SELECT stream_id, event_day, COUNT(*) FROM tts_request GROUP BY stream_id, event_day",
)


def purge_figures(made: Databases, sizes: list[int], rounds: int) -> list[Figure]:
    """Seconds of the whole command at each size, the larger ÷ the smaller, and the pace of single days."""
    seconds: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(rounds):
        for size in sizes:
            took, gone = _purge(made, size, "1d")
            if gone != size - 1:
                raise RuntimeError(f"{gone} of {size} rows went")
            seconds[size].append(took)
    small, large = (median(seconds[size]) for size in sizes)
    detail = f"{large:.2f} s for {sizes[1]:,} rows, {small:.2f} s for {sizes[0]:,}"
    cut, gone = _purge(made, sizes[1], "30d")
    days = gone - sizes[1] * 31 // 61
    return [
        Figure("purge on PostgreSQL, ten times the rows", large / small, "× as long", 1.1, at_most=True, detail=detail),
        Figure("purge of a month and a day", cut, "s", detail=f"{days:,} rows deleted one by one"),
    ]


def _purge(made: Databases, rows: int, age: str) -> tuple[float, int]:
    """Seconds of a purge of a fresh database, and the rows that went."""
    url = made.new("postgresql")
    _fill(url, rows)
    done = run(tts_etl("purge", "--database-url", url, "--older-than", age, "--force", "--json"))
    made.drop(url)
    return done.seconds, sum(json.loads(done.output)["rows"].values())


def _fill(url: str, rows: int) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for month, end in (("08", "09"), ("09", "10"), ("10", "11")):
            connection.execute(
                text(
                    f"CREATE TABLE IF NOT EXISTS tts_request_2026_{month} PARTITION OF tts_request "
                    f"FOR VALUES FROM ('2026-{month}-01') TO ('2026-{end}-01')"
                )
            )
        connection.execute(_FILL, {"rows": rows})
        for statement in _BOOKS:
            connection.execute(text(statement))
        connection.execute(text("VACUUM ANALYZE tts_request"))
    engine.dispose()
