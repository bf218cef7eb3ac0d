"""Single rows go for good: their tombstones and the account of their streams in the transaction of the DELETE."""

from __future__ import annotations

from collections import Counter

from etl.store import days
from etl.store.database import Database, Session
from etl.store.retention import EVENT_TABLES, key_hash
from etl.tables import KEY, event_columns

#: Rows that one transaction takes: short enough for a watch that waits.
CHUNK_ROWS = 2000


def tables_with(column: str) -> list[str]:
    """The event tables that have a column."""
    return [table for table in EVENT_TABLES if column in event_columns(table)]


def rows_with(session: Session, column: str, value: str) -> dict[str, int]:
    """How many rows of each table have this value."""
    return {
        table: int(session.run(f"SELECT COUNT(*) FROM {table} WHERE {column} = ?", value).scalar_one())
        for table in tables_with(column)
    }


def erase_chunk(session: Session, table: str, where: tuple[str, str], now: str) -> int:
    """Erases up to CHUNK_ROWS rows whose column has a value, `where`; returns how many. Needs the exclusive lock:

    a batch that looked for tombstones before them could bring a row back.
    """
    column, value = where
    names = ", ".join(KEY)
    found = session.run(f"SELECT {names}, stream_id FROM {table} WHERE {column} = ? LIMIT {CHUNK_ROWS}", value).all()
    by_stream: dict[int, Counter[str]] = {}
    for day, writer, seq, stream_id in found:
        session.run(
            "INSERT INTO erased_key (key_hash, erased_at, event_day, writer_id) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (key_hash) DO NOTHING",
            key_hash((day, writer, seq)),
            now,
            day,
            writer,
        )
        session.run(f"DELETE FROM {table} WHERE event_day = ? AND writer_id = ? AND seq = ?", day, writer, seq)
        by_stream.setdefault(stream_id, Counter())[str(day)] -= 1
    for stream_id, counted in sorted(by_stream.items()):
        days.add(session, stream_id, counted)
        session.run(
            "UPDATE ingest_stream SET n_rows_erased = n_rows_erased + ? WHERE stream_id = ?",
            -sum(counted.values()),
            stream_id,
        )
    return len(found)


def overwrite_freed_pages(database: Database) -> None:
    """On SQLite, from now on on this connection: what is deleted is overwritten with zeros."""
    if database.dialect == "sqlite":
        with database.transaction("none") as session:
            session.run("PRAGMA secure_delete = ON")


def empty_journal(database: Database) -> None:
    """On SQLite: brings the write-ahead log into the file and empties it, since it still holds what was deleted."""
    if database.dialect == "sqlite":
        database.checkpoint()
