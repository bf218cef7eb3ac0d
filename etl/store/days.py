"""How many rows of each stream a day has, kept in the transaction of the rows: what the tables are held against."""

from __future__ import annotations

from collections.abc import Mapping

from etl.store.database import Session


def add(session: Session, stream_id: int, days: Mapping[str, int]) -> None:
    """Adds rows (of an erasure: a negative number) of these days to a stream."""
    for day, rows in sorted(days.items()):
        if rows:
            session.run(
                "INSERT INTO ingest_day (stream_id, event_day, n_rows) VALUES (?, ?, ?) "
                "ON CONFLICT (stream_id, event_day) DO UPDATE SET n_rows = ingest_day.n_rows + excluded.n_rows",
                stream_id,
                day,
                rows,
            )


def newest(session: Session) -> str | None:
    """The newest day that has rows, `YYYY-MM-DD`."""
    found = session.run("SELECT MAX(event_day) FROM ingest_day WHERE n_rows > 0").scalar()
    return None if found is None else str(found)


def counted(session: Session, before: str) -> tuple[int, int]:
    """How many rows lie before a day, and how many there are: a sum over streams and days, however many rows."""
    old, total = session.run(
        "SELECT COALESCE(SUM(CASE WHEN event_day < ? THEN n_rows ELSE 0 END), 0), COALESCE(SUM(n_rows), 0) "
        "FROM ingest_day",
        before,
    ).one()
    return int(old), int(total)


def by_day(session: Session) -> dict[str, int]:
    """The rows of each day that has any."""
    found = session.run("SELECT event_day, SUM(n_rows) FROM ingest_day GROUP BY event_day HAVING SUM(n_rows) <> 0")
    return {str(day): int(rows) for day, rows in found}


def purge_before(session: Session, before: str) -> None:
    """Counts all rows of days before one as purged; the watermark stands in the same transaction."""
    session.run(
        "UPDATE ingest_stream SET n_rows_purged = n_rows_purged + COALESCE((SELECT SUM(d.n_rows) FROM ingest_day AS d "
        "WHERE d.stream_id = ingest_stream.stream_id AND d.event_day < ?), 0) "
        "WHERE stream_id IN (SELECT stream_id FROM ingest_day WHERE event_day < ?)",
        before,
        before,
    )
    session.run("DELETE FROM ingest_day WHERE event_day < ?", before)
