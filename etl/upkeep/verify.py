"""`tts-etl verify`: proves the books (etl.md, D16). It reads only, and all of it sees one state of the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from etl.store import books, figures, retention
from etl.store.books import Account, Batch
from etl.store.database import Database, Session
from etl.tables import COUNTERS
from etl.upkeep import copies
from etl.upkeep.reach import Reach, look, reach

_RESTORE = "someone wrote to the database: restore a backup, the loader reads the rest again from the files"
_EDITED = "a log is never edited: look for what rewrites it; the next import reads it again, the key keeps rows single"
_ERASED = "someone wrote them: run tts-etl erase once more, by the client or the request that they are of"
_LOST = "look for copytruncate, deleted logs, a full log disk; lines that lie in files still come with an import"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """What does not hold: the check, of what, in one line, and what to do."""

    check: str
    subject: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Verified:
    """How much was looked at and what was found; `files` are those whose bytes were compared.

    `reach` says how far back the files would make a restored backup whole.
    """

    streams: int
    rows: int
    files: int
    findings: list[Discrepancy]
    reach: Reach


def verify(database: Database, more: Sequence[str] = (), *, gaps: bool = True) -> Verified:
    """Holds ledger, counters, rows, sequence numbers and files against one another.

    `more` are paths of logs beside those that the books name; without `gaps` lost lines are no finding. Raises
    SchemaError.
    """
    database.require_schema()
    with database.transaction("snapshot") as session:
        accounts = books.accounts(session)
        rows = books.held_days(session)
        findings = [
            finding for account in accounts for finding in _ledger(account, books.batches(session, account.stream_id))
        ]
        findings += _rows(accounts, books.counted_days(session), rows, retention.watermark(session, lock=False))
        if gaps:
            findings += _gaps(session)
        findings += _erased(session)
        loaded = books.loaded(session)
    seen = look(database, copies.known_files(database, more))
    findings += [Discrepancy("anchors", path, wrong, _EDITED) for path, wrong in seen.edited]
    total = sum(sum(days.values()) for days in rows.values())
    return Verified(len(accounts), total, seen.compared, findings, reach(loaded, seen))


def _ledger(account: Account, batches: list[Batch]) -> Iterator[Discrepancy]:
    """Batches follow one another from 0 to the offset, and their counters add up to the stream's."""
    end = 0
    for batch in batches:
        if batch.start != end:
            message = f"a batch begins at {batch.start:,} where the one before ends at {end:,}"
            yield Discrepancy("batches", _named(account), message, _RESTORE)
        end = batch.end
    if end != account.committed:
        message = f"its offset is {account.committed:,}, its batches end at {end:,}"
        yield Discrepancy("batches", _named(account), message, _RESTORE)
    for at, name in enumerate(COUNTERS):
        total = sum(batch.counters[at] for batch in batches)
        if total != account.counters[at]:
            message = f"{name} is {account.counters[at]:,}, its batches have {total:,}"
            yield Discrepancy("counters", _named(account), message, _RESTORE)


def _rows(
    accounts: list[Account],
    counted: dict[int, dict[str, int]],
    rows: dict[int, dict[str, int]],
    purged_before: str | None,
) -> Iterator[Discrepancy]:
    """Rows above the watermark = inserted + reprocessed − erased − purged; below it there are none."""
    known = {account.stream_id for account in accounts}
    for account in accounts:
        days = counted.get(account.stream_id, {})
        if sum(days.values()) != account.rows:
            message = f"{account.rows:,} rows by its counters, {sum(days.values()):,} by its days"
            yield Discrepancy("rows", _named(account), message, _RESTORE)
        above = {day: n for day, n in rows.get(account.stream_id, {}).items() if day >= (purged_before or "")}
        differing = sorted(day for day in days.keys() | above.keys() if days.get(day, 0) != above.get(day, 0))
        if differing:
            day = differing[0]
            more = f", and on {len(differing) - 1} other days" if len(differing) > 1 else ""
            message = f"{above.get(day, 0):,} rows of {day} where {days.get(day, 0):,} were counted{more}"
            yield Discrepancy("rows", _named(account), message, _RESTORE)
    for stream_id in sorted(rows.keys() - known):
        message = f"{sum(rows[stream_id].values()):,} rows of a stream that the books don't know"
        yield Discrepancy("rows", f"stream {stream_id}", message, _RESTORE)
    below = sum(n for days in rows.values() for day, n in days.items() if day < (purged_before or ""))
    if below:
        message = f"{below:,} rows are older than the last purge ({purged_before})"
        yield Discrepancy("watermark", "retention", message, "a purge was interrupted, or runs now: run it again")


def _gaps(session: Session) -> Iterator[Discrepancy]:
    """Numbers of a writer that no row, no line in quarantine and no erasure explains; every row is counted."""
    for source_id, writers in figures.gaps(session, exact=True).items():
        for writer, lines in writers.items():
            message = f"{lines:,} lines of writer {writer} are missing"
            yield Discrepancy("gaps", f"source {source_id}", message, _LOST)


def _erased(session: Session) -> Iterator[Discrepancy]:
    """What was erased for good is nowhere: neither as a row nor in quarantine."""
    for table, rows in books.erased_rows(session).items():
        if rows:
            message = f"{len(rows):,} rows were erased and are there again, the first of them {rows[0]}"
            yield Discrepancy("erased", table, message, _ERASED)
    if held := books.erased_lines_held(session):
        message = f"{held:,} lines were erased and are there again"
        yield Discrepancy("erased", "ingest_quarantine", message, _ERASED)


def _named(account: Account) -> str:
    return f"stream {account.stream_id}" + (f" ({account.path})" if account.path else "")
