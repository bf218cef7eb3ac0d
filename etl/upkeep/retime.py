"""`tts-etl retime`: another report time zone, and local_at of every row computed anew.

First the zone is changed, with the product's lock held exclusively: no batch is open then, and each later one looks at
the zone inside its own transaction, so new rows have the new time from then on. Then the older rows follow in chunks
beside a running watch. local_at depends on nothing but ts and the zone, so a chunk done twice does no harm: after a
kill the same command goes on where the stored cursor stands. One transaction for all rows would make reports change in
one moment, but hold up the loader for minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from etl.config import zone
from etl.lines.moments import LocalTime
from etl.store import localtimes
from etl.store.database import Database
from etl.store.retention import EVENT_TABLES

CHUNK_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Retimed:
    """The zones before and after, how many rows were looked at, and of how many local_at changed (or would)."""

    before: str
    after: str
    rows: int
    changed: int
    resumed: bool
    dry_run: bool


def retime(
    database: Database,
    timezone: str,
    *,
    dry_run: bool,
    chunk_rows: int = CHUNK_ROWS,
    reached: Callable[[int], None] = lambda _: None,
) -> Retimed:
    """Changes the report time zone. `reached` is told the rows done after each chunk, outside of any transaction.

    Raises ConfigError for a zone that is none, SchemaError, and DatabaseAwayError if the loader holds the lock too long.
    """
    after = zone(timezone)
    database.require_schema()
    begun = localtimes.look(database, after.key) if dry_run else localtimes.begin(database, after.key)
    local_time = LocalTime(after)
    looked = changed = 0
    for table in EVENT_TABLES[EVENT_TABLES.index(begun.table) :]:
        cursor = begun.cursor if table == begun.table else None
        while True:
            chunk = localtimes.Chunk(table, cursor, chunk_rows, after.key)
            done = localtimes.recompute(database, chunk, local_time.of, dry_run=dry_run)
            looked, changed, cursor = looked + done.rows, changed + done.changed, done.cursor
            reached(looked)
            if done.rows < chunk_rows:
                break
    if not dry_run:
        localtimes.finish(database, after.key)
    return Retimed(begun.before, after.key, looked, changed, begun.resumed, dry_run)
