"""`tts-etl purge`: what is older than an age goes, and no late import brings it back (etl.md, D12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from etl.errors import ConfigError, UnsafePurgeError
from etl.store import purging, retention
from etl.store.database import Database


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

    The newest day bounds it, so that a clock that runs ahead takes nothing. Raises ConfigError for an age below a day,
    UnsafePurgeError if more than half of the rows would go and `force` isn't given.
    """
    if older_than < timedelta(days=1):
        raise ConfigError("an age below one day takes everything", "for example --older-than 90d")
    database.require_schema()
    with database.transaction("none") as session:
        newest = purging.newest_day(session)
        if newest is None:
            return Purged(None, {}, 0, [], dry_run)
        before = (min(today, date.fromisoformat(newest)) - older_than).isoformat()
        before = max(before, retention.watermark(session, lock=False) or before)
        found = purging.rows_by_table(session, before)
        quarantined = purging.old_quarantine(session, before)
    old, total = (sum(numbers) for numbers in zip(*found.values(), strict=True))
    rows = {table: numbers[0] for table, numbers in found.items()}
    if dry_run:
        return Purged(before, rows, quarantined, [], dry_run)
    if old * 2 > total and not force:
        raise UnsafePurgeError(
            f"{old:,} of {total:,} rows are of days before {before}: more than half",
            "look first with --dry-run, then use --force",
        )
    dropped = purging.raise_watermark(database, before)
    purging.delete_before(database, before)
    return Purged(before, rows, quarantined, dropped, dry_run)
