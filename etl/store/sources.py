"""What is known of a source beside its streams: its time zone, its last pass, and the compressed files seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.config import zone
from etl.errors import ConfigError, SchemaMovedError, ZoneMovedError
from etl.store.database import Database, Session
from etl.tables import REVISION


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A state of a file that was read to its end: `eof`, `prefix` (a copy of a stream) or `not_ready`."""

    dev: int
    ino: int
    size: int
    ctime_ns: int
    state: str


@dataclass(frozen=True, slots=True)
class PassEnd:
    """What a pass found at its end; times as texts, unknown None."""

    now: str
    lag_bytes: int
    oldest_unimported_at: str | None
    not_ready_archives: int
    error: str | None
    watch: str | None


def report_timezone(session: Session) -> str:
    """The IANA name of the zone that days are cut in."""
    return str(session.run("SELECT value FROM setting WHERE name = 'report_timezone'").scalar_one())


def require_unmoved(session: Session, report_timezone_then: str, source: tuple[str, str] = ("", "")) -> None:
    """Raises SchemaMovedError or ZoneMovedError if the schema or a time zone is not what a run began with.

    `source` are the id of a source and the zone that its lines are decoded in. Inside a batch it holds to its end:
    whoever changes any of them takes the product's lock exclusively.
    """
    source_id, zone_then = source
    row = session.run(
        "SELECT (SELECT MAX(version_num) FROM alembic_version), "
        "(SELECT value FROM setting WHERE name = 'report_timezone'), "
        "(SELECT timezone FROM ingest_source WHERE source_id = ?)",
        source_id,
    ).one()
    if row[0] != REVISION:
        raise SchemaMovedError(
            f"the schema moved from revision {REVISION} to {row[0]} meanwhile", "start it again with the newer tts-etl"
        )
    if row[1] != report_timezone_then:
        raise ZoneMovedError(
            f"the report time zone changed from {report_timezone_then} to {row[1]} meanwhile", "run it again"
        )
    # None: nothing is stored of a source that only a dry run looks at.
    if row[2] is not None and row[2] != zone_then:
        raise ZoneMovedError(
            f"the time zone of source {source_id} changed from {zone_then} to {row[2]} meanwhile", "run it again"
        )


def settle_timezone(database: Database, source_id: str, wanted: str | None, host: str, *, dry_run: bool = False) -> str:
    """The time zone of a source's older lines: the stored one; at first the wanted one, or the host's.

    It can be changed until something is loaded; a dry run stores none. Raises ConfigError for a name that is no zone,
    and where the wanted one differs from the one that loaded lines were read with.
    """
    with database.transaction("none") as session:
        stored = _timezone(session, source_id)
        _require_same(session, source_id, stored, wanted)
    settled = zone(wanted or stored or host).key
    if dry_run or settled == stored:
        return settled
    # Exclusively: no batch is open that decoded its lines for another one.
    with database.exclusive() as session:
        stored = _timezone(session, source_id)
        _require_same(session, source_id, stored, wanted)
        settled = wanted or stored or settled
        session.run(
            "INSERT INTO ingest_source (source_id, timezone) VALUES (?, ?) ON CONFLICT (source_id) "
            "DO UPDATE SET timezone = excluded.timezone",
            source_id,
            settled,
        )
    return settled


def _require_same(session: Session, source_id: str, stored: str | None, wanted: str | None) -> None:
    """Raises ConfigError if another zone is wanted than the one that lines of the source were loaded in."""
    if stored is None or wanted in (None, stored):
        return
    if session.run("SELECT 1 FROM ingest_stream WHERE source_id = ? LIMIT 1", source_id).first() is not None:
        raise ConfigError(
            f"the lines of source {source_id} are read in the time zone {stored}, not {wanted}",
            "leave --timezone out, or load files of another zone under another --source-id",
        )


def _timezone(session: Session, source_id: str) -> str | None:
    value = session.run("SELECT timezone FROM ingest_source WHERE source_id = ?", source_id).scalar()
    return None if value is None else str(value)


def seen_files(session: Session, source_id: str) -> dict[str, SeenFile]:
    """The files of a source that were read to their end, by path."""
    rows = session.run(
        "SELECT path, dev, ino, size, ctime_ns, state FROM ingest_file_seen WHERE source_id = ?", source_id
    )
    return {path: SeenFile(*state) for path, *state in rows}


def remember_files(database: Database, source_id: str, files: dict[str, SeenFile], gone: Sequence[str]) -> None:
    """Notes files read to their end and forgets those gone; only speed depends on it."""
    if not files and not gone:
        return
    with database.transaction() as session:
        for path in gone:
            session.run("DELETE FROM ingest_file_seen WHERE source_id = ? AND path = ?", source_id, path)
        for path, seen in files.items():
            session.run(
                "INSERT INTO ingest_file_seen (source_id, path, dev, ino, size, ctime_ns, state) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source_id, path) DO UPDATE SET dev = excluded.dev, "
                "ino = excluded.ino, size = excluded.size, ctime_ns = excluded.ctime_ns, state = excluded.state",
                source_id,
                path,
                seen.dev,
                seen.ino,
                seen.size,
                seen.ctime_ns,
                seen.state,
            )


def end_pass(database: Database, source_id: str, end: PassEnd) -> None:
    """Writes what dashboards and alerts see of a source."""
    with database.transaction() as session:
        session.run(
            "UPDATE ingest_source SET last_pass_at = ?, last_success_at = CASE WHEN ? THEN ? ELSE last_success_at END, "
            "lag_bytes = ?, oldest_unimported_at = ?, not_ready_archives = ?, last_error = ?, watch = ?, watch_at = ? "
            "WHERE source_id = ?",
            end.now,
            end.error is None,
            end.now,
            end.lag_bytes,
            end.oldest_unimported_at,
            end.not_ready_archives,
            end.error,
            end.watch,
            end.now if end.watch else None,
            source_id,
        )


def note_losses(database: Database, source_id: str, seen: set[int], folders: Sequence[Path]) -> None:
    """Marks streams of which bytes were seen that no file in the folders holds any more (etl.md, D4)."""
    with database.transaction("none") as session:
        rows = session.run(
            "SELECT stream_id, last_path FROM ingest_stream "
            "WHERE source_id = ? AND max_seen_size > committed AND lost_bytes = 0",
            source_id,
        ).all()
    lost = [row[0] for row in rows if row[0] not in seen and row[1] and Path(row[1]).parent in folders]
    if not lost:
        return
    with database.transaction() as session:
        for stream_id in lost:
            session.run(
                "UPDATE ingest_stream SET lost_bytes = max_seen_size - committed WHERE stream_id = ?", stream_id
            )
