"""Rows are copied inside a database as if the loader had read more lines."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, text

from bench.denser import make_denser
from bench.measure import run, tts_etl
from bench.ninety import write

UNTIL = datetime(2026, 11, 23, tzinfo=UTC)
BASE = 60


def test_copies_follow_their_row_and_leave_no_number_out(database_url: str, tmp_path: Path) -> None:
    """Three times the requests: each writer's numbers are whole, and rows stand in the order of time."""
    log = write(tmp_path / "tts.log", BASE, UNTIL)
    run(tts_etl("backfill", str(log), "--database-url", database_url))

    make_denser(database_url, BASE, 3)

    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT writer_id, seq, ts, local_at FROM tts_request ORDER BY row_id")).all()
        beats = connection.execute(text("SELECT writer_id, seq FROM tts_heartbeat")).all()
        batches = connection.execute(text("SELECT from_off, to_off FROM ingest_batch ORDER BY from_off")).all()
    engine.dispose()
    numbers: dict[str, list[int]] = {}
    for writer, seq in [*((row.writer_id, row.seq) for row in rows), *beats]:
        numbers.setdefault(writer, []).append(seq)
    assert len(rows) == 3 * BASE
    assert [row.ts for row in rows] == sorted(row.ts for row in rows)
    assert [row.local_at for row in rows] == sorted(row.local_at for row in rows)
    assert {writer: list(range(1, len(found) + 1)) for writer, found in numbers.items()} == {
        writer: sorted(found) for writer, found in numbers.items()
    }
    assert [end for _, end in batches[:-1]] == [start for start, _ in batches[1:]]
