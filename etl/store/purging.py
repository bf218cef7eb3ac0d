"""Rows of old days go, and the watermark that keeps them gone (etl.md, D12)."""

from __future__ import annotations

from etl.store import days
from etl.store.database import Database, Session
from etl.store.retention import EVENT_TABLES
from etl.tables import KEY, PARTITION_NAME

#: Rows that one DELETE takes: short enough for a watch beside it.
_CHUNK_ROWS = 10_000
_LOCK_TIMEOUT = "10s"
_OLD_QUARANTINE = "COALESCE(event_day, {day_seen}) < ?"


def newest_day(session: Session) -> str | None:
    """The newest event_day of all rows, `YYYY-MM-DD`."""
    days = [session.run(f"SELECT MAX(event_day) FROM {table}").scalar() for table in EVENT_TABLES]
    return max((str(day) for day in days if day is not None), default=None)


def rows_by_table(session: Session, before: str) -> dict[str, tuple[int, int]]:
    """For each event table how many rows lie before a day, and how many there are."""
    found = {}
    for table in EVENT_TABLES:
        old = session.run(f"SELECT COUNT(*) FROM {table} WHERE event_day < ?", before).scalar_one()
        found[table] = (int(old), int(session.run(f"SELECT COUNT(*) FROM {table}").scalar_one()))
    return found


def old_quarantine(session: Session, before: str) -> int:
    """How many lines in quarantine are of a day before, or were found before it if they have none."""
    where = _old_quarantine(session)
    return int(session.run(f"SELECT COUNT(*) FROM ingest_quarantine WHERE {where}", before).scalar_one())


def raise_watermark(database: Database, before: str) -> list[str]:
    """Sets the watermark and drops PostgreSQL's months wholly before it, in one transaction; returns their names.

    Raises DatabaseAwayError if a long query holds a table.
    """
    with database.exclusive() as session:
        if not session.is_sqlite:
            session.run(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
        session.run(
            "INSERT INTO retention_state (name, purged_before) VALUES ('events', ?) ON CONFLICT (name) DO UPDATE "
            "SET purged_before = excluded.purged_before WHERE retention_state.purged_before < excluded.purged_before",
            before,
        )
        days.purge_before(session, before)
        months = [] if session.is_sqlite else _whole_months(session, before)
        for name in months:
            session.run(f"DROP TABLE {name}")
    return months


def delete_before(database: Database, before: str) -> None:
    """Deletes the remaining rows of days before, chunk by chunk; the watermark must stand already."""
    keys = ", ".join(KEY)
    for table in EVENT_TABLES:
        deleted = _CHUNK_ROWS
        while deleted == _CHUNK_ROWS:
            with database.transaction() as session:
                deleted = session.run(
                    f"DELETE FROM {table} WHERE ({keys}) IN "
                    f"(SELECT {keys} FROM {table} WHERE event_day < ? LIMIT {_CHUNK_ROWS})",
                    before,
                ).rowcount
    with database.transaction() as session:
        session.run(f"DELETE FROM ingest_quarantine WHERE {_old_quarantine(session)}", before)


def _old_quarantine(session: Session) -> str:
    day_seen = "substr(first_seen_at, 1, 10)" if session.is_sqlite else "CAST(first_seen_at AS date)"
    return _OLD_QUARANTINE.format(day_seen=day_seen)


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
