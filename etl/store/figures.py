"""The figures of `tts-etl status`, read from the books and the keys of the rows."""

from __future__ import annotations

from collections import Counter
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
    """Lines that the writers of a source numbered and that are nowhere."""
    return sum(gaps(session, source_id).values())


def gaps(session: Session, source_id: str) -> dict[str, int]:
    """By writer the lines that it numbered and that are no row, not in quarantine and not erased.

    After a purge, which may have taken a writer's first rows, only the numbers above its lowest one are looked at.
    Lines of an unknown event count as gaps.
    """
    purged = watermark(session, lock=False)
    elsewhere = _elsewhere(session, source_id, purged or "")
    union = " UNION ALL ".join(f"SELECT writer_id, seq, stream_id FROM {table}" for table in EVENT_TABLES)
    rows = session.run(
        f"SELECT e.writer_id, MIN(e.seq), MAX(e.seq), COUNT(*) FROM ({union}) e "
        "JOIN ingest_stream s ON s.stream_id = e.stream_id "
        "WHERE s.source_id = ? AND substr(e.writer_id, 1, 2) <> 's:' GROUP BY e.writer_id ORDER BY e.writer_id",
        source_id,
    )
    found = {}
    for writer, lowest, highest, number in rows:
        expected = highest if purged is None else highest - lowest + 1
        missing = expected - number - elsewhere[writer]
        if missing > 0:
            found[str(writer)] = missing
    return found


def _elsewhere(session: Session, source_id: str, purged: str) -> Counter[str]:
    """By writer the lines that are known to be no row: in quarantine, or erased."""
    found: Counter[str] = Counter()
    quarantined = session.run(
        "SELECT writer_id, COUNT(*) FROM ingest_quarantine WHERE source_id = ? AND writer_id IS NOT NULL "
        "AND kind NOT IN ('key_conflict', 'glued') AND status <> 'resolved' GROUP BY writer_id",
        source_id,
    )
    for writer, number in quarantined:
        found[str(writer)] += int(number)
    erased = session.run("SELECT writer_id, event_day FROM erased_key WHERE writer_id IS NOT NULL")
    for writer, day in erased:
        found[str(writer)] += int(str(day) >= purged)
    return found
