"""Lines that could not become rows: their bytes, where they stood, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from etl.lines.outcomes import Rejected
from etl.store.database import Session


@dataclass(frozen=True, slots=True)
class Finder:
    """Who found the lines, where and when."""

    source_id: str
    head_sha256: bytes
    stream_id: int | None
    loader_version: str
    now: str


def keep(session: Session, finder: Finder, rejected: Sequence[Rejected]) -> None:
    """Keeps rejected lines; one that is kept already (the same bytes at the same place) stays as it is."""
    for one in rejected:
        session.run(
            "INSERT INTO ingest_quarantine (source_id, head_sha256, off, len, raw_sha256, raw, kind, error, event_day, "
            "writer_id, loader_version, first_seen_at, attempts, status, stream_id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 'open', ?) "
            "ON CONFLICT (source_id, head_sha256, off, raw_sha256) DO NOTHING",
            finder.source_id,
            finder.head_sha256,
            one.offset,
            one.length,
            one.sha256,
            one.raw,
            one.reject.kind,
            one.reject.error,
            one.reject.event_day,
            one.reject.writer_id,
            finder.loader_version,
            finder.now,
            finder.stream_id,
        )
