"""What may be in the event tables: months that have a partition, days above the watermark, keys without tombstone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date

from etl.lines.fields import EVENTS
from etl.store.database import Database, Session, has_relation
from etl.store.roles import like_its_parent

#: Guards the making of partitions: two loaders may want the same month at the same moment.
_PARTITION_LOCK = 0x766F786E

EVENT_TABLES = tuple(table for table, _ in EVENTS.values())


def months_ahead(today: date) -> list[str]:
    """This month and the next two, as `YYYY-MM`."""
    return [_month(today.year, today.month + ahead) for ahead in range(3)]


def ensure_partitions(database: Database, months: Iterable[str]) -> None:
    """Makes the partitions of these months (`YYYY-MM`) of all event tables where missing; nothing on SQLite.

    Months that a purge took whole stay gone. In its own short transaction. ATTACH instead of CREATE … PARTITION OF: it
    doesn't wait for running queries.
    """
    if database.dialect == "sqlite":
        return
    with database.transaction("shared") as session:
        make_partitions(session, months)


def make_partitions(session: Session, months: Iterable[str]) -> None:
    """The same in the caller's transaction."""
    if session.is_sqlite:
        return
    session.run("SELECT pg_advisory_xact_lock(?)", _PARTITION_LOCK)
    purged_before = watermark(session, lock=False) or ""
    for month in sorted(month for month in months if month >= purged_before[:7]):
        for table in EVENT_TABLES:
            _make_partition(session, table, month)


def _make_partition(session: Session, table: str, month: str) -> None:
    year, number = int(month[:4]), int(month[5:7])
    name = f"{table}_{year:04d}_{number:02d}"
    if has_relation(session, name):
        return
    session.run(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)")
    session.run(
        f"ALTER TABLE {table} ATTACH PARTITION {name} "
        f"FOR VALUES FROM ('{month}-01') TO ('{_month(year, number + 1)}-01')"
    )
    like_its_parent(session, table, name)


def _month(year: int, number: int) -> str:
    """`YYYY-MM` of a month whose number may lie beyond December."""
    return f"{year + (number - 1) // 12:04d}-{(number - 1) % 12 + 1:02d}"


def watermark(session: Session, *, lock: bool) -> str | None:
    """The day (`YYYY-MM-DD`) before which everything was purged; with `lock` it stays until the transaction's end."""
    suffix = " FOR SHARE" if lock and not session.is_sqlite else ""
    row = session.run(f"SELECT purged_before FROM retention_state WHERE name = 'events'{suffix}").first()
    return str(row[0]) if row else None


def key_hash(key: tuple[object, ...]) -> bytes:
    """The tombstone of a row's key (event_day, writer_id, seq)."""
    return hashlib.sha256("\0".join(map(str, key)).encode()).digest()


def erased(session: Session, keys: Sequence[tuple[object, ...]]) -> set[tuple[object, ...]]:
    """Of these keys those that were erased for good."""
    if not keys or not has_tombstones(session):
        return set()
    by_hash = {key_hash(key): key for key in keys}
    return {by_hash[found] for found in tombstones_among(session, list(by_hash))}


def has_tombstones(session: Session) -> bool:
    """Whether anything was ever erased: nearly always nothing was, and the hashes need not be made."""
    return session.run("SELECT 1 FROM erased_key LIMIT 1").first() is not None


def tombstones_among(session: Session, hashes: Sequence[bytes]) -> set[bytes]:
    """Of these hashes, of keys or of lines, those that are tombstones."""
    found: set[bytes] = set()
    for start in range(0, len(hashes), 500):
        part = hashes[start : start + 500]
        marks = ", ".join("?" * len(part))
        rows = session.run(f"SELECT key_hash FROM erased_key WHERE key_hash IN ({marks})", *part)
        found.update(bytes(row[0]) for row in rows)
    return found
