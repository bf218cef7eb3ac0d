"""The figures of `tts-etl status`, read from the books and the keys of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from etl.store.database import Session
from etl.store.retention import EVENT_TABLES, watermark
from etl.tables import COUNTERS


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """A row of ingest_source with the sums over its streams; moments as stored (text or datetime), unknown None."""

    source_id: str
    row: dict[str, Any]
    lines: dict[str, int]
    streams: dict[str, int]
    possible_loss_bytes: int


def sources(session: Session) -> list[SourceFigures]:
    """All sources, by name."""
    rows = session.run("SELECT * FROM ingest_source ORDER BY source_id").mappings().all()
    return [_figures(session, dict(row)) for row in rows]


def _figures(session: Session, row: dict[str, Any]) -> SourceFigures:
    sums = ", ".join(f"COALESCE(SUM({name}), 0)" for name in COUNTERS)
    found = session.run(
        f"SELECT COUNT(*), COALESCE(SUM(CASE WHEN generation > 0 THEN 1 ELSE 0 END), 0), "
        "COALESCE(SUM(CASE WHEN n_prefix_copies > 0 THEN 1 ELSE 0 END), 0), COALESCE(SUM(lost_bytes), 0), "
        f"COALESCE(SUM(n_replayed), 0), {sums} FROM ingest_stream WHERE source_id = ?",
        row["source_id"],
    ).one()
    total, new_generation, prefix_copy, lost, replayed, *counters = map(int, found)
    lines = {name.removeprefix("n_"): value for name, value in zip(COUNTERS, counters, strict=True)}
    lines["ok"] += replayed
    streams = {"total": total, "new_generation": new_generation, "prefix_copy": prefix_copy}
    return SourceFigures(str(row["source_id"]), row, lines, streams, lost)


def seq_gap_lines(session: Session, source_id: str) -> int:
    """Lines that a writer of the source numbered and that are neither a row nor in quarantine.

    Of a writer some of whose rows a purge may have taken, only the numbers above its lowest one are looked at.
    Lines of an unknown event, and erased ones, count as gaps.
    """
    purged = watermark(session, lock=False)
    union = " UNION ALL ".join(f"SELECT writer_id, seq, event_day, stream_id FROM {table}" for table in EVENT_TABLES)
    held = session.run(
        "SELECT writer_id, COUNT(*) FROM ingest_quarantine WHERE source_id = ? AND writer_id IS NOT NULL "
        "AND kind NOT IN ('key_conflict', 'glued') GROUP BY writer_id",
        source_id,
    )
    quarantined = {str(row[0]): int(row[1]) for row in held}
    rows = session.run(
        f"SELECT e.writer_id, MIN(e.seq), MAX(e.seq), COUNT(*), MIN(e.event_day) FROM ({union}) e "
        "JOIN ingest_stream s ON s.stream_id = e.stream_id "
        "WHERE s.source_id = ? AND substr(e.writer_id, 1, 2) <> 's:' GROUP BY e.writer_id",
        source_id,
    )
    gaps = 0
    for writer, lowest, highest, number, first_day in rows:
        from_one = purged is None or str(first_day) > purged
        expected = highest if from_one else highest - lowest + 1
        gaps += max(expected - number - quarantined.get(writer, 0), 0)
    return gaps
