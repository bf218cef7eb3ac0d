"""`tts-etl purge` of whole months on PostgreSQL, by their number of rows."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from bench.databases import Databases
from bench.figures import Figure
from bench.measure import median, run, tts_etl

# The rows of two months, and one of the day after them, so that both months lie wholly before the watermark.
_FILL = text(
    "INSERT INTO tts_request (event_day, local_at, ts, writer_id, seq, status, line_sha256, stream_id, byte_offset) "
    "SELECT day, day, day, 'bench', n, 'ok', sha256(n::text::bytea), 1, n * 1550 FROM "
    "(SELECT n, date '2026-08-01' + CASE WHEN n = 0 THEN 61 ELSE (n * 61 / :rows)::int END AS day "
    "FROM generate_series(0, :rows - 1) AS n) AS made"
)


def purge_figures(made: Databases, sizes: list[int], rounds: int) -> list[Figure]:
    """Seconds of the whole command at each size, and the larger ÷ the smaller."""
    seconds: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(rounds):
        for size in sizes:
            url = made.new("postgresql")
            _fill(url, size)
            purge = tts_etl("purge", "--database-url", url, "--older-than", "1d", "--force", "--json")
            seconds[size].append(run(purge).seconds)
            made.drop(url)
    small, large = (median(seconds[size]) for size in sizes)
    detail = f"{large:.2f} s for {sizes[1]:,} rows, {small:.2f} s for {sizes[0]:,}"
    return [
        Figure("purge on PostgreSQL, ten times the rows", large / small, "× as long", 1.1, at_most=True, detail=detail)
    ]


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
        connection.execute(text("VACUUM ANALYZE tts_request"))
    engine.dispose()
