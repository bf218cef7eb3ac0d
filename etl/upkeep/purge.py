"""`tts-etl purge`: what is older than an age goes, and no late import brings it back (etl.md, D12).

What goes is known from the books (ingest_day), not by counting, so a purge of whole months takes as long for ten
million rows as for one; `tts-etl verify` proves that books and tables agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from etl.errors import ConfigError, UnsafePurgeError
from etl.store import days, purging, retention
from etl.store.database import Database, Session


@dataclass(frozen=True, slots=True)
class Purged:
    """What went, or with a dry run would go: all days before `before` (None: there is nothing yet)."""

    before: str | None
    rows: dict[str, int]
    quarantined: int
    partitions: list[str]
    dry_run: bool


def purge(database: Database, older_than: timedelta, today: date, *, dry_run: bool, force: bool) -> Purged:
    """Deletes all of days before min(today, newest day) − `older_than`.

    The newest day bounds it, so that a clock that runs ahead takes nothing. Raises ConfigError for an age below a day
    or beyond the calendar, UnsafePurgeError if more than half of the rows would go and `force` isn't given.
    """
    if older_than < timedelta(days=1):
        raise ConfigError("an age below one day takes everything", "for example --older-than 90d")
    database.require_schema()
    if dry_run:
        with database.transaction("none") as session:
            before = _boundary(session, older_than, today)
            if before is None:
                return Purged(None, {}, 0, [], dry_run)
            rows = dict(purging.old_rows(session, before))
            return Purged(before, rows, purging.old_quarantine(session, before), [], dry_run)
    with database.exclusive() as session:
        before = _boundary(session, older_than, today)
        if before is None:
            return Purged(None, {}, 0, [], dry_run)
        old, total = days.counted(session, before)
        if old * 2 > total and not force:
            raise UnsafePurgeError(
                f"{old:,} of {total:,} rows are of days before {before}: more than half",
                "look first with --dry-run, then use --force",
            )
        partitions, dropped = purging.raise_watermark(session, before)
    deleted, quarantined = purging.delete_before(database, before)
    return Purged(before, {table: dropped[table] + n for table, n in deleted.items()}, quarantined, partitions, dry_run)


def _boundary(session: Session, older_than: timedelta, today: date) -> str | None:
    """The day before which all goes, never an earlier one than the last time; None where nothing is there."""
    purged_before = retention.watermark(session, lock=False)
    newest = days.newest(session)
    if newest is None:
        return purged_before
    try:
        before = (min(today, date.fromisoformat(newest)) - older_than).isoformat()
    except OverflowError as error:
        raise ConfigError("such an age lies before the calendar", "for example --older-than 90d") from error
    return max(before, purged_before or before)
