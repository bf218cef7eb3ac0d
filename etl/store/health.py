"""What doctor asks the database: its clock, its newest row, how its file is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from etl.store.database import Database, Session


@dataclass(frozen=True, slots=True)
class NewestRow:
    """The newest request: its moment, and whether it is of an older form, whose times are local."""

    ts: datetime
    is_older_form: bool
    source_id: str | None


def clock(session: Session) -> datetime | None:
    """The server's clock; None for SQLite, which has this host's."""
    if session.is_sqlite:
        return None
    found = session.run("SELECT clock_timestamp()").scalar_one()
    return found if isinstance(found, datetime) else None


def newest_row(session: Session) -> NewestRow | None:
    """By local_at, which has an index."""
    row = session.run(
        "SELECT r.ts, r.writer_id, s.source_id FROM (SELECT ts, writer_id, stream_id FROM tts_request "
        "ORDER BY local_at DESC LIMIT 1) r LEFT JOIN ingest_stream s ON s.stream_id = r.stream_id"
    ).first()
    if row is None:
        return None
    ts = row[0] if isinstance(row[0], datetime) else datetime.fromisoformat(str(row[0]))
    return NewestRow(ts.astimezone(UTC), str(row[1]).startswith("s:"), row[2])


def journal_mode(database: Database) -> str:
    """SQLite's: `wal`, or one under which a reader and the loader stop each other."""
    with database.transaction("none") as session:
        return str(session.run("PRAGMA journal_mode").scalar_one())


def setting(session: Session, name: str) -> str | None:
    value = session.run("SELECT value FROM setting WHERE name = ?", name).scalar()
    return None if value is None else str(value)
