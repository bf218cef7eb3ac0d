"""The lines in quarantine as they are looked at, taken up again, discarded and erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from etl.store.database import Session
from etl.store.retention import key_hash

_HEAD = (
    "q_id, source_id, stream_id, head_sha256, off, len, kind, error, event_day, writer_id, loader_version, "
    "first_seen_at, attempts, status, resolved_at"
)


@dataclass(frozen=True, slots=True)
class Held:
    """A row of ingest_quarantine; moments as stored, `raw` empty where it wasn't asked for or was erased."""

    q_id: int
    source_id: str
    stream_id: int | None
    head_sha256: bytes
    offset: int
    length: int
    kind: str
    error: str
    event_day: str | None
    writer_id: str | None
    loader_version: str
    first_seen_at: Any
    attempts: int
    status: str
    resolved_at: Any
    raw: bytes

    @property
    def is_whole(self) -> bool:
        """Whether all bytes of the line are there."""
        return len(self.raw) == self.length


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: all that meet each filter that is set, from the first number after `after` on."""

    ids: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    source_id: str | None = None
    after: int = 0
    limit: int | None = None


def find(session: Session, wanted: Wanted, *, with_raw: bool) -> list[Held]:
    """The wanted lines by their numbers."""
    raw = "raw" if with_raw else "NULL"
    return _selected(session, raw, *_filters(wanted))


def numbers(session: Session, wanted: Wanted) -> list[int]:
    """The numbers of the wanted lines."""
    where, values = _filters(wanted)
    return [int(row[0]) for row in session.run(f"SELECT q_id FROM ingest_quarantine WHERE {where}", *values)]


def missing(session: Session, ids: Sequence[int]) -> list[int]:
    """Of these numbers those that no line has."""
    return [
        number
        for number in ids
        if session.run("SELECT 1 FROM ingest_quarantine WHERE q_id = ?", number).first() is None
    ]


def locked(session: Session, q_id: int) -> Held | None:
    """The line of this number, which stays as it is until the end of the transaction."""
    suffix = "" if session.is_sqlite else " FOR UPDATE"
    found = _selected(session, "raw", f"q_id = ?{suffix}", [q_id])
    return found[0] if found else None


def settle(session: Session, q_id: int, status: str, now: str) -> None:
    """Marks a line as `resolved` or `discarded`; its bytes stay."""
    session.run("UPDATE ingest_quarantine SET status = ?, resolved_at = ? WHERE q_id = ?", status, now, q_id)


def note_failure(session: Session, held: Held, cause: tuple[str, str], loader_version: str) -> None:
    """Notes the kind and error that a line has for this version; nothing where both are known."""
    if (held.kind, held.error, held.loader_version) != (*cause, loader_version):
        session.run(
            "UPDATE ingest_quarantine SET kind = ?, error = ?, loader_version = ?, attempts = attempts + 1 "
            "WHERE q_id = ?",
            *cause,
            loader_version,
            held.q_id,
        )


def erase(session: Session, q_id: int, now: str, key: tuple[str, str, int] | None = None) -> None:
    """Takes a line's bytes for good, with a tombstone of their hash, so that no copy of it is kept again.

    With `key` a later version that can read the line makes no row of it either. That tombstone names no writer, since
    the line in quarantine tells already that it is not lost.
    """
    if key is not None:
        session.run(
            "INSERT INTO erased_key (key_hash, erased_at, event_day) VALUES (?, ?, ?) ON CONFLICT (key_hash) DO NOTHING",
            key_hash(key),
            now,
            key[0],
        )
    session.run(
        "INSERT INTO erased_key (key_hash, erased_at) SELECT raw_sha256, ? FROM ingest_quarantine WHERE q_id = ? "
        "ON CONFLICT (key_hash) DO NOTHING",
        now,
        q_id,
    )
    session.run(
        "UPDATE ingest_quarantine SET raw = ?, status = 'erased', resolved_at = ? WHERE q_id = ?", b"", now, q_id
    )


def containing(session: Session, needle: bytes) -> list[Held]:
    """Each line whose bytes contain these."""
    has = "instr(raw, ?) > 0" if session.is_sqlite else "position(? IN raw) > 0"
    return _selected(session, "raw", f"{has} ORDER BY q_id", [needle])


def _selected(session: Session, raw: str, where: str, values: Sequence[object]) -> list[Held]:
    rows = session.run(f"SELECT {_HEAD}, {raw} FROM ingest_quarantine WHERE {where}", *values)
    return [_held(row) for row in rows]


def _held(row: Any) -> Held:
    q_id, source_id, stream_id, head, offset, length, kind, error, day, *rest, raw = row
    day = None if day is None else str(day)
    writer, version, seen_at, attempts, status, resolved_at = rest
    return Held(
        q_id=q_id,
        source_id=source_id,
        stream_id=stream_id,
        head_sha256=bytes(head),
        offset=offset,
        length=length,
        kind=kind,
        error=error,
        event_day=day,
        writer_id=writer,
        loader_version=version,
        first_seen_at=seen_at,
        attempts=attempts,
        status=status,
        resolved_at=resolved_at,
        raw=bytes(raw or b""),
    )


def _filters(wanted: Wanted) -> tuple[str, list[object]]:
    where, found = ["q_id > ?"], list[object]([wanted.after])
    for column, allowed in (("q_id", wanted.ids), ("kind", wanted.kinds), ("status", wanted.statuses)):
        if allowed:
            where.append(f"{column} IN ({', '.join('?' * len(allowed))})")
            found += allowed
    if wanted.source_id is not None:
        where.append("source_id = ?")
        found.append(wanted.source_id)
    limit = "" if wanted.limit is None else f" LIMIT {int(wanted.limit)}"
    return f"{' AND '.join(where)} ORDER BY q_id{limit}", found
