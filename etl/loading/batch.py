"""One stretch of lines and the move of the offset, in one transaction (etl.md, D3).

What is true before and after each: rows, quarantine and counters of a stream are those of its bytes up to `committed`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from etl.errors import EtlError
from etl.lines.counts import Counts
from etl.lines.moments import text_after, utc_text
from etl.lines.outcomes import Record, Reject, Rejected
from etl.lines.records import Decoder
from etl.printable import storable
from etl.reading.files import LogFile
from etl.reading.stretches import Stretch
from etl.store import days, quarantine, retention, rows, sources, streams
from etl.store.database import Database, Session
from etl.store.packing import Packed
from etl.tail import Continue, Head, NewGeneration, PrefixCopy, Resolution, resolve

_FUTURE = timedelta(hours=24)


class StaleError(EtlError):
    """The file or its stream is not what it was when the stretch was read: read again. Never leaves the loader."""


class NotAllNewError(EtlError):
    """Packed rows can't go in as a whole: write the stretch line by line. Never leaves the loader."""


class _RolledBackError(EtlError):
    """Ends the transaction of a dry run."""


@dataclass(frozen=True, slots=True)
class Run:
    """Who loads: the source, this run's id, and the clock.

    `reached` is called at each step of a transaction, and with `opened` before a file's stream is looked up.
    """

    source_id: str
    run_id: str
    loader_version: str
    clock: Callable[[], datetime]
    reached: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Days:
    """The days of the report time zone to load, both ends included; None is open."""

    since: date | None = None
    until: date | None = None

    def __contains__(self, day: str) -> bool:
        return (self.since is None or day >= self.since.isoformat()) and (
            self.until is None or day <= self.until.isoformat()
        )


ALL_DAYS = Days()


@dataclass(frozen=True, slots=True)
class Known:
    """What a file is to the database: its resolution, whether its stream gave rows yet, and its stored preamble."""

    resolution: Resolution
    has_rows: bool
    preamble: bytes | None


class Batches:
    """Writes stretches of lines into one database."""

    def __init__(self, database: Database, run: Run, decoder: Decoder) -> None:
        self._database = database
        self._run = run
        self._report_timezone, self._source = decoder.report_timezone, (run.source_id, decoder.timezone)
        self._months: set[str] = set()

    def look_up(self, file: LogFile, head: Head) -> Known:
        """What the file is, without holding anything: a transaction asks again."""
        with self._database.transaction("none") as session:
            return self._known(session, file, head, lock=False)

    def advance(self, file: LogFile, head: Head, known: Known, stretch: Stretch) -> tuple[int, Counts]:
        """Rows and offset of a stretch in one transaction; returns the stream and what became of the lines.

        Raises StaleError if the file, or the offset, is no longer what it was, SchemaMovedError or ZoneMovedError if the
        schema or the report time zone isn't; nothing is written then.
        """
        self._make_partitions(stretch)
        if stretch.packed is not None and "stage" in stretch.packed.data:
            self._database.stage(stretch.packed.data["stage"])
        now = self._run.clock()
        with self._database.transaction() as session:
            if stretch.followed:
                session.commit_without_waiting()
            self._run.reached("begun")
            sources.require_unmoved(session, self._report_timezone, self._source)
            stream_id = self._lock(session, file, head, known)
            if not file.still_holds(head, stretch.end, stretch.anchors[-1:]):
                raise StaleError(f"{file.stat.path} changed while it was read")
            counts = self._fill(session, stream_id, head, stretch)
            self._run.reached("filled")
            step = streams.Advance(
                stream_id,
                stretch.start,
                stretch.end,
                self._run.run_id,
                utc_text(now),
                utc_text(now - timedelta(minutes=1)),
                place_of(file, stretch.end if file.complete else file.size),
                known.preamble,
            )
            if not streams.advance(session, step, counts, stretch.anchors):
                raise StaleError("the offset moved meanwhile")
            self._run.reached("moved")
        self._run.reached("committed")
        return stream_id, counts

    def by_key(self, file: LogFile, head: Head, stretch: Stretch, wanted: Days, *, dry_run: bool) -> Counts:
        """Rows of a stretch by their key only, no offset moves; with `dry_run` nothing stays."""
        kept = [record for record in stretch.records if str(record.values[1])[:10] in wanted]
        counts = Counts(outside=len(stretch.records) - len(kept))
        stretch.records = kept
        if not dry_run:
            self._make_partitions(stretch)
        with suppress(_RolledBackError), self._database.transaction() as session:
            sources.require_unmoved(session, self._report_timezone, self._source)
            if dry_run:
                retention.make_partitions(session, stretch.months())
            # A copy that ends within its first line has no row to belong to a stream.
            stream_id = self._any_stream(session, file, head) if kept else 0
            if not file.still_holds(head, stretch.end, stretch.anchors[-1:]):
                raise StaleError(f"{file.stat.path} changed while it was read")
            counts.add(self._fill(session, stream_id, head, stretch))
            streams.add_replayed(session, stream_id, counts)
            if dry_run:
                raise _RolledBackError("a dry run")
        return counts

    def count_prefix_copy(self, stream_id: int) -> None:
        with self._database.transaction() as session:
            streams.count_prefix_copy(session, stream_id)

    def see_size(self, file: LogFile, stream_id: int) -> None:
        with self._database.transaction() as session:
            streams.see_size(session, stream_id, place_of(file, file.size))

    def _make_partitions(self, stretch: Stretch) -> None:
        """Makes the months that the stretch needs, in a transaction of their own."""
        months = stretch.months() - self._months
        if not months or self._database.dialect == "sqlite":
            return
        retention.ensure_partitions(self._database, months)
        self._months |= months

    def _known(self, session: Session, file: LogFile, head: Head, *, lock: bool) -> Known:
        found = streams.streams_of(session, self._run.source_id, head, file.size, lock=lock)
        candidates = [stream.candidate for stream in found]
        resolution = resolve(file.size, candidates, file.matches)
        # The size may be older than an offset that another importer has moved meanwhile: a size taken after it decides.
        if candidates and not isinstance(resolution, Continue) and file.look_again():
            if file.head != head:
                raise StaleError(f"{file.stat.path} changed while it was looked up")
            resolution = resolve(file.size, candidates, file.matches)
        if isinstance(resolution, Continue):
            stream = next(stream for stream in found if stream.candidate.stream_id == resolution.stream_id)
            return Known(resolution, stream.has_rows, stream.preamble)
        return Known(resolution, has_rows=False, preamble=None)

    def _lock(self, session: Session, file: LogFile, head: Head, known: Known) -> int:
        """The stream of the file, locked, which must be what `known` said."""
        now = self._known(session, file, head, lock=True)
        if now.resolution != known.resolution:
            raise StaleError(f"the stream of {file.stat.path} moved meanwhile")
        match now.resolution:
            case Continue(stream_id):
                return stream_id
            case NewGeneration(generation):
                return self._new_stream(session, head, generation)
            case PrefixCopy():
                raise StaleError("a prefix copy moves no offset")

    def _any_stream(self, session: Session, file: LogFile, head: Head) -> int:
        match self._known(session, file, head, lock=True).resolution:
            case NewGeneration(generation):
                return self._new_stream(session, head, generation)
            case Continue(stream_id) | PrefixCopy(stream_id):
                return stream_id

    def _new_stream(self, session: Session, head: Head, generation: int) -> int:
        return streams.create_stream(session, self._run.source_id, head, generation, utc_text(self._run.clock()))

    def _fill(self, session: Session, stream_id: int, head: Head, stretch: Stretch) -> Counts:
        """Rows and quarantine of a stretch, counted."""
        if stretch.packed is not None:
            return self._fill_packed(session, stream_id, head, stretch.packed)
        records, rejected, counts = self._let_in(session, stretch)
        self._run.reached("sorted")
        inserted = rows.insert(session, stream_id, records)
        days.add(session, stream_id, inserted.days)
        self._run.reached("inserted")
        conflict = Reject("key_conflict", "its key has a row with another line")
        rejected += [_rejected(record, stretch, conflict) for record in inserted.conflicts]
        rejected += [_rejected(record, stretch, Reject("db_rejected", why)) for record, why in inserted.refused]
        kept = self._quarantine(session, stream_id, head, rejected)
        ahead = text_after(self._run.clock(), _FUTURE)
        counts.add(
            Counts(
                ok=inserted.rows,
                dup=len(records) - inserted.rows - len(inserted.conflicts) - len(inserted.refused),
                quarantined=len(kept),
                erased=len(rejected) - len(kept),
                blank=stretch.blank,
                skipped=stretch.skipped,
                future=sum(record.ts > ahead for record in records),
                law_violations=sum(record.breaks_law for record in records),
            )
        )
        return counts

    def _fill_packed(self, session: Session, stream_id: int, head: Head, packed: Packed) -> Counts:
        """The same for packed rows, if all of them are new, none may be kept out and none is of the future.

        Raises NotAllNewError if one may be otherwise.
        """
        purged_before = retention.watermark(session, lock=True) or ""
        all_let_in = min(packed.days, default=purged_before) >= purged_before and not retention.has_tombstones(session)
        if not all_let_in or packed.newest > text_after(self._run.clock(), _FUTURE):
            raise NotAllNewError("some of the lines need a closer look")
        self._run.reached("packed")
        if not rows.insert_packed(session, stream_id, packed):
            raise NotAllNewError("some of the lines have rows already")
        days.add(session, stream_id, packed.days)
        self._run.reached("copied")
        return Counts(
            ok=packed.rows,
            quarantined=len(self._quarantine(session, stream_id, head, packed.rejected)),
            blank=packed.blank,
            skipped=packed.skipped,
            law_violations=packed.law_violations,
        )

    def _quarantine(self, session: Session, stream_id: int, head: Head, rejected: list[Rejected]) -> list[Rejected]:
        """Keeps rejected lines, but for those that were erased before; returns what it kept."""
        kept = _without_erased(session, rejected)
        where = (self._run.source_id, head.sha256, stream_id or None)
        now = utc_text(self._run.clock())
        quarantine.keep(session, quarantine.Finder(*where, self._run.loader_version, now), kept)
        return kept

    def _let_in(self, session: Session, stretch: Stretch) -> tuple[list[Record], list[Rejected], Counts]:
        """The records that neither a purge nor an erasure keeps out, the rejects, and those kept out counted."""
        records, rejected, counts = stretch.records, list(stretch.rejected), Counts()
        purged_before = retention.watermark(session, lock=True)
        if purged_before is not None and any(record.event_day < purged_before for record in records):
            late = [record for record in records if record.event_day < purged_before]
            records = [record for record in records if record.event_day >= purged_before]
            if _is_live(stretch.head_day, purged_before):
                reject = Reject("ts_suspect", "long before the lines around it, and before the last purge")
                rejected += [_rejected(record, stretch, reject) for record in late]
            else:
                counts.expired = len(late)
        gone = retention.erased(session, [record.key for record in records])
        if gone:
            counts.erased = sum(record.key in gone for record in records)
            records = [record for record in records if record.key not in gone]
        return records, rejected, counts


def place_of(file: LogFile, size: int) -> streams.Place:
    return streams.Place(storable(str(file.stat.path)), file.stat.dev, file.stat.ino, size)


def _is_live(head_day: str | None, purged_before: str) -> bool:
    """Whether a file begins more than a day after the watermark: then an older line in it has a wrong time."""
    if head_day is None:
        return False
    return date.fromisoformat(head_day) > date.fromisoformat(purged_before) + timedelta(days=1)


def _without_erased(session: Session, rejected: list[Rejected]) -> list[Rejected]:
    """Those whose bytes were not erased out of quarantine before."""
    if not rejected or not retention.has_tombstones(session):
        return rejected
    gone = retention.tombstones_among(session, [one.sha256 for one in rejected])
    return [one for one in rejected if one.sha256 not in gone]


def _rejected(record: Record, stretch: Stretch, reject: Reject) -> Rejected:
    named = reject._replace(event_day=record.event_day, writer_id=str(record.key[1]))
    return Rejected.whole(record.byte_offset, stretch.raw(record.byte_offset), named)
