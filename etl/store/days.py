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


def purge_before(session: Session, before: str) -> None:
    """Counts all rows of days before one as purged; the watermark stands in the same transaction."""
    session.run(
        "UPDATE ingest_stream SET n_rows_purged = n_rows_purged + COALESCE((SELECT SUM(d.n_rows) FROM ingest_day AS d "
        "WHERE d.stream_id = ingest_stream.stream_id AND d.event_day < ?), 0)",
        before,
    )
    session.run("DELETE FROM ingest_day WHERE event_day < ?", before)
