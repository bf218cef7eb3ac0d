"""The books and the rows side by side, as `tts-etl verify` compares them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from etl.lines.moments import utc_text
from etl.store.database import Session
from etl.store.retention import EVENT_TABLES, key_hash
from etl.tables import COUNTERS
from etl.tail import Anchor, Head

_ROWS = ("n_ok", "n_replayed", "n_reprocessed", "n_rows_erased", "n_rows_purged")


@dataclass(frozen=True, slots=True)
class Account:
    """What a stream says of itself: its offset, its counters of lines, and the rows that must be there by them."""

    stream_id: int
    source_id: str
    path: str | None
    committed: int
    counters: tuple[int, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Batch:
    """A row of the ledger."""

    start: int
    end: int
    counters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A stream of a log file: what is there of it, and when it last gave something (RFC 3339)."""

    stream_id: int
    source_id: str
    path: str | None
    committed: int
    rows: int
    last_advance_at: str


def accounts(session: Session) -> list[Account]:
    """All streams."""
    names = ", ".join((*COUNTERS, *_ROWS))
    found = session.run(
        f"SELECT stream_id, source_id, last_path, committed, {names} FROM ingest_stream ORDER BY stream_id"
    )
    result = []
    for stream_id, source_id, path, committed, *numbers in found:
        ok, replayed, reprocessed, erased, purged = numbers[len(COUNTERS) :]
        rows = ok + replayed + reprocessed - erased - purged
        result.append(Account(stream_id, source_id, path, committed, tuple(numbers[: len(COUNTERS)]), rows))
    return result


def batches(session: Session, stream_id: int) -> list[Batch]:
    """The ledger of a stream, in order."""
    names = ", ".join(COUNTERS)
    rows = session.run(
        f"SELECT from_off, to_off, {names} FROM ingest_batch WHERE stream_id = ? ORDER BY from_off", stream_id
    )
    return [Batch(row[0], row[1], tuple(row[2:])) for row in rows]


def counted_days(session: Session) -> dict[int, dict[str, int]]:
    """By stream and day the rows that the books know."""
    return _by_stream(session, "SELECT stream_id, event_day, n_rows FROM ingest_day WHERE n_rows <> 0")


def held_days(session: Session) -> dict[int, dict[str, int]]:
    """By stream and day the rows that there are."""
    union = " UNION ALL ".join(f"SELECT stream_id, event_day FROM {table}" for table in EVENT_TABLES)
    return _by_stream(
        session, f"SELECT stream_id, event_day, COUNT(*) FROM ({union}) AS e GROUP BY stream_id, event_day"
    )


def anchors(session: Session, stream_id: int) -> list[Anchor]:
    """The anchors of a stream, in order."""
    rows = session.run("SELECT off, win, sha256 FROM ingest_anchor WHERE stream_id = ? ORDER BY off", stream_id)
    return [Anchor(row[0], row[1], bytes(row[2])) for row in rows]


def loaded(session: Session) -> list[Loaded]:
    """The streams that came from files: those of marks and of an adopted table belong to no source."""
    found = session.run(
        "SELECT s.stream_id, s.source_id, s.last_path, s.committed, COALESCE(d.n_rows, 0), "
        "COALESCE(s.last_advance_at, s.first_seen_at) FROM ingest_stream AS s "
        "JOIN ingest_source AS o ON o.source_id = s.source_id LEFT JOIN (SELECT stream_id, SUM(n_rows) AS n_rows "
        "FROM ingest_day GROUP BY stream_id) AS d ON d.stream_id = s.stream_id ORDER BY s.stream_id"
    )
    return [
        Loaded(stream_id, source_id, path, committed, int(rows), _moment(moment))
        for stream_id, source_id, path, committed, rows, moment in found
    ]


def erased_rows(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """By table the keys of rows that have a tombstone, or whose line was erased out of quarantine."""
    by_day: dict[str, set[bytes]] = {}
    for day, tombstone in session.run("SELECT event_day, key_hash FROM erased_key WHERE event_day IS NOT NULL"):
        by_day.setdefault(str(day), set()).add(bytes(tombstone))
    found: dict[str, list[tuple[Any, ...]]] = {table: [] for table in EVENT_TABLES}
    for table, keys in found.items():
        for day, tombstones in sorted(by_day.items()):
            rows = session.run(f"SELECT event_day, writer_id, seq FROM {table} WHERE event_day = ?", day)
            keys += [(day, row[1], row[2]) for row in rows if key_hash((day, row[1], row[2])) in tombstones]
        if session.run("SELECT 1 FROM erased_key WHERE event_day IS NULL LIMIT 1").first() is not None:
            rows = session.run(
                f"SELECT event_day, writer_id, seq FROM {table} WHERE line_sha256 IN "
                "(SELECT key_hash FROM erased_key WHERE event_day IS NULL)"
            )
            keys += [(str(row[0]), row[1], row[2]) for row in rows]
    return found


def erased_lines_held(session: Session) -> int:
    """Lines in quarantine that have bytes although they were erased."""
    return int(
        session.run(
            "SELECT COUNT(*) FROM ingest_quarantine WHERE length(raw) > 0 AND (status = 'erased' OR raw_sha256 IN "
            "(SELECT key_hash FROM erased_key WHERE event_day IS NULL))"
        ).scalar_one()
    )


def sources_with(session: Session, head: Head) -> list[str]:
    """The sources that have a stream with this head."""
    rows = session.run(
        "SELECT DISTINCT source_id FROM ingest_stream WHERE head_sha256 = ? ORDER BY source_id", head.sha256
    )
    return [str(row[0]) for row in rows]


def _by_stream(session: Session, sql: str) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for stream_id, day, rows in session.run(sql):
        found.setdefault(stream_id, {})[str(day)] = rows
    return found


def _moment(value: Any) -> str:
    """RFC 3339; PostgreSQL gives datetimes, SQLite texts."""
    return utc_text(value) if isinstance(value, datetime) else str(value)
