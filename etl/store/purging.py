"""Rows of old days go, and the watermark that keeps them gone (etl.md, D12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from etl.store import days
from etl.store.database import Database, Session
from etl.store.retention import EVENT_TABLES
from etl.tables import KEY, PARTITION_NAME

#: Rows that one DELETE takes: short enough for a watch beside it.
CHUNK_ROWS = 10_000
_LOCK_TIMEOUT = "10s"
_REQUESTS, *_SMALL = EVENT_TABLES


def old_rows(session: Session, before: str) -> Counter[str]:
    """By table the rows of days before, as the books have them: only the few heartbeats and marks are counted."""
    small = {
        table: int(session.run(f"SELECT COUNT(*) FROM {table} WHERE event_day < ?", before).scalar_one())
        for table in _SMALL
    }
    old, _ = days.counted(session, before)
    return Counter({_REQUESTS: max(old - sum(small.values()), 0), **small})


def old_quarantine(session: Session, before: str) -> int:
    """How many lines in quarantine are of a day before, or were found before it if they have none."""
    old = _old_quarantine(session)
    return int(session.run(f"SELECT COUNT(*) FROM ingest_quarantine WHERE {old}", before).scalar_one())


def raise_watermark(session: Session, before: str) -> tuple[list[str], Counter[str]]:
    """Sets the watermark and drops PostgreSQL's months wholly before it, in the caller's exclusive transaction.

    Returns the names of what was dropped, and the rows that went with it by table. Raises DatabaseAwayError if a long
    query holds a table.
    """
    if not session.is_sqlite:
        session.run(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
    session.run(
        "INSERT INTO retention_state (name, purged_before) VALUES ('events', ?) ON CONFLICT (name) DO UPDATE "
        "SET purged_before = excluded.purged_before WHERE retention_state.purged_before < excluded.purged_before",
        before,
    )
    months = [] if session.is_sqlite else _whole_months(session, before)
    gone = old_rows(session, f"{before[:7]}-01") if months else Counter[str]()
    days.purge_before(session, before)
    for name in months:
        session.run(f"DROP TABLE {name}")
    return months, gone


def delete_before(database: Database, before: str, chunk_rows: int = CHUNK_ROWS) -> tuple[Counter[str], int]:
    """Deletes the remaining rows of days before, chunk by chunk; the watermark must stand already.

    Returns how many went from each table, and how many lines from the quarantine.
    """
    gone = Counter(
        {table: _delete(database, (table, KEY, "event_day < ?"), before, chunk_rows) for table in EVENT_TABLES}
    )
    with database.transaction("none") as session:
        old = _old_quarantine(session)
    return gone, _delete(database, ("ingest_quarantine", ("q_id",), old), before, chunk_rows)


def _delete(database: Database, what: tuple[str, Sequence[str], str], before: str, chunk_rows: int) -> int:
    """Deletes along a key, so that no chunk looks at what the ones before it left behind: no older row comes in."""
    table, key, old = what
    keys, marks = ", ".join(key), ", ".join("?" * len(key))
    behind: tuple[object, ...] = ()
    total = 0
    while True:
        above = f" AND ({keys}) > ({marks})" if behind else ""
        with database.transaction() as session:
            last = session.run(
                f"SELECT {keys} FROM {table} WHERE {old}{above} ORDER BY {keys} LIMIT 1 OFFSET ?",
                before,
                *behind,
                chunk_rows - 1,
            ).first()
            upto = f" AND ({keys}) <= ({marks})" if last else ""
            deleted = session.run(f"DELETE FROM {table} WHERE {old}{above}{upto}", before, *behind, *(last or ()))
            total += int(deleted.rowcount)
        if last is None:
            return total
        behind = tuple(last)


def _old_quarantine(session: Session) -> str:
    day_seen = "substr(first_seen_at, 1, 10)" if session.is_sqlite else "CAST(first_seen_at AS date)"
    return f"COALESCE(event_day, {day_seen}) < ?"


def _whole_months(session: Session, before: str) -> list[str]:
    """The partitions of months that end at or before a day."""
    names = session.run(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname IN (?, ?, ?) ORDER BY c.relname",
        *EVENT_TABLES,
    ).scalars()
    whole = []
    for name in names:
        month = PARTITION_NAME.fullmatch(name)
        if month is not None and f"{month[2]}-{month[3]}" < before[:7]:
            whole.append(name)
    return whole
