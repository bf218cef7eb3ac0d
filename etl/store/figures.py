"""The figures of `tts-etl status`, read from the books and the keys of the rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from etl.store import days
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


def gaps(session: Session, *, exact: bool) -> dict[str, dict[str, int]]:
    """By source and writer the lines that it numbered and that are no row, not in quarantine and not erased.

    A writer counts for the source of its newest row. After a purge, which may have taken a writer's first rows, only
    the numbers above its lowest one are looked at. Lines of an unknown event count as gaps. With `exact` every row is
    counted; otherwise only those of days of which the books don't say that all are there, so it takes as long as there
    are days and writers.
    """
    purged = watermark(session, lock=False)
    elsewhere = _elsewhere(session, purged or "")
    found: dict[str, dict[str, int]] = {}
    for writer, by_day in sorted(_numbered(session, exact=exact).items()):
        lowest, highest = min(day.lowest for day in by_day.values()), max(day.highest for day in by_day.values())
        expected = highest if purged is None else highest - lowest + 1
        missing = expected - sum(day.rows for day in by_day.values()) - elsewhere[writer]
        if missing > 0:
            newest = max(by_day, key=lambda day: by_day[day].highest)
            found.setdefault(_source(session, newest, writer, highest), {})[writer] = missing
    return found


@dataclass(slots=True)
class _Numbers:
    """A writer's numbers of a day: the lowest, the highest and how many rows."""

    lowest: int
    highest: int
    rows: int = 0

    @property
    def span(self) -> int:
        return self.highest - self.lowest + 1


def _numbered(session: Session, *, exact: bool) -> dict[str, dict[str, _Numbers]]:
    """By writer and day its numbers, over all event tables; older lines have none."""
    by_day: dict[str, dict[str, _Numbers]] = {}
    for table in EVENT_TABLES:
        for day, writer, lowest, highest in session.run(_ENDS.format(table=table)):
            writers = by_day.setdefault(str(day), {})
            known = writers.setdefault(str(writer), _Numbers(lowest, highest))
            known.lowest, known.highest = min(known.lowest, lowest), max(known.highest, highest)
    whole = {} if exact else _only_numbered_rows(session)
    for day, writers in by_day.items():
        # No writer has more rows than its span, so where the sums are equal, each has as many.
        if sum(numbers.span for numbers in writers.values()) == whole.get(day):
            for numbers in writers.values():
                numbers.rows = numbers.span
        else:
            _count(session, day, writers)
    by_writer: dict[str, dict[str, _Numbers]] = {}
    for day, writers in by_day.items():
        for writer, numbers in writers.items():
            by_writer.setdefault(writer, {})[day] = numbers
    return by_writer


# Every day and writer, one step along the key each: neither database skips over equal values by itself. Writers are 32
# hex digits; those of older lines begin with `s:` and lie behind them in every collation.
_ENDS = """
WITH RECURSIVE found (event_day, writer_id) AS (
SELECT d.event_day, (SELECT MIN(t.writer_id) FROM {table} AS t WHERE t.event_day = d.event_day AND t.writer_id < 'g')
FROM (SELECT DISTINCT event_day FROM ingest_day) AS d
UNION ALL
SELECT f.event_day, (SELECT MIN(t.writer_id) FROM {table} AS t
WHERE t.event_day = f.event_day AND t.writer_id > f.writer_id AND t.writer_id < 'g')
FROM found AS f WHERE f.writer_id IS NOT NULL)
SELECT f.event_day, f.writer_id,
(SELECT MIN(t.seq) FROM {table} AS t WHERE t.event_day = f.event_day AND t.writer_id = f.writer_id),
(SELECT MAX(t.seq) FROM {table} AS t WHERE t.event_day = f.event_day AND t.writer_id = f.writer_id)
FROM found AS f WHERE f.writer_id IS NOT NULL
"""


def _only_numbered_rows(session: Session) -> dict[str, int]:
    """The rows of each day by the books, but for days that have older lines too."""
    older = session.run(
        "SELECT d.event_day FROM (SELECT DISTINCT event_day FROM ingest_day) AS d WHERE EXISTS "
        "(SELECT 1 FROM tts_request AS t WHERE t.event_day = d.event_day AND t.writer_id >= 'g')"
    )
    mixed = {str(row[0]) for row in older}
    return {day: rows for day, rows in days.by_day(session).items() if day not in mixed}


def _count(session: Session, day: str, writers: dict[str, _Numbers]) -> None:
    for table in EVENT_TABLES:
        counted = session.run(
            f"SELECT writer_id, COUNT(*) FROM {table} WHERE event_day = ? AND writer_id < 'g' GROUP BY writer_id", day
        )
        for writer, rows in counted:
            writers[str(writer)].rows += int(rows)


def _source(session: Session, day: str, writer: str, seq: int) -> str:
    """The source that a row came from."""
    for table in EVENT_TABLES:
        found = session.run(
            f"SELECT s.source_id FROM {table} AS t JOIN ingest_stream AS s ON s.stream_id = t.stream_id "
            "WHERE t.event_day = ? AND t.writer_id = ? AND t.seq = ?",
            day,
            writer,
            seq,
        ).scalar()
        if found is not None:
            return str(found)
    return "unknown"


def _elsewhere(session: Session, purged: str) -> Counter[str]:
    """By writer the lines that are known to be no row: in quarantine, or erased."""
    found: Counter[str] = Counter()
    quarantined = session.run(
        "SELECT writer_id, COUNT(DISTINCT raw_sha256) FROM ingest_quarantine WHERE writer_id IS NOT NULL "
        "AND kind NOT IN ('key_conflict', 'glued') AND status <> 'resolved' GROUP BY writer_id"
    )
    for writer, number in quarantined:
        found[str(writer)] += int(number)
    erased = session.run("SELECT writer_id, event_day FROM erased_key WHERE writer_id IS NOT NULL")
    for writer, day in erased:
        found[str(writer)] += int(str(day) >= purged)
    return found
