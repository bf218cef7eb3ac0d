"""A pass over files: which stream each is, batch after batch to its end, and what became of its lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from etl.errors import NotALogError
from etl.lines.counts import Counts
from etl.lines.records import Decoder
from etl.loading.batch import ALL_DAYS, Batches, Days, Known, NotAllNewError, Run, StaleError
from etl.printable import storable
from etl.reading.ahead import WORTH_BYTES, Ahead
from etl.reading.decoding import Decoders
from etl.reading.files import FileStat, LogFile, NotReady, is_there, opened, stat_of
from etl.reading.stretches import LazyPreamble, LineReader, Stretch, is_no_log
from etl.store import sources
from etl.store.database import Database
from etl.store.sources import SeenFile
from etl.tail import Continue, Head, PrefixCopy

State = Literal["read", "prefix", "not_ready", "no_log", "gone", "unreadable"]

#: A file that keeps changing under the reader is left to the next pass after so many tries.
_TRIES = 8
#: A file whose last change is younger might change again without its times showing it.
_SETTLED_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: `days` or `dry_run` move no offset, `accept` skips the check for a file that is no log.

    With `salvage` what can be read of a broken archive goes in by key: no offset moves over bytes that may be others
    than were written, so the whole archive is read from its start when it comes.

    From `bulk_bytes` of unread lines on, other processes decode them.
    """

    days: Days = ALL_DAYS
    dry_run: bool = False
    accept: bool = False
    salvage: bool = False
    use_cache: bool = True
    bulk_bytes: int = WORTH_BYTES

    @property
    def moves_offset(self) -> bool:
        return self.days == ALL_DAYS and not self.dry_run


@dataclass(slots=True)
class FileReport:
    """What a pass did with one file; `read_bytes` and `size` are logical, `file_bytes` are those on disk."""

    path: Path
    state: State = "read"
    counts: Counts = field(default_factory=Counts)
    read_bytes: int = 0
    lag_bytes: int = 0
    size: int = 0
    file_bytes: int = 0
    mtime_ns: int = 0
    reason: str = ""


@dataclass(slots=True)
class PassReport:
    """What a pass did; `trouble` is what kept it from seeing all files."""

    files: list[FileReport] = field(default_factory=list)
    streams: set[int] = field(default_factory=set)
    trouble: str = ""

    def counts(self) -> Counts:
        total = Counts()
        for file in self.files:
            total.add(file.counts)
        return total

    @property
    def lag_bytes(self) -> int:
        return sum(file.lag_bytes for file in self.files)

    def of_state(self, state: State) -> list[FileReport]:
        return [file for file in self.files if file.state == state]


class Ingest:
    """Loads the files of one source into one database.

    `progress` is called with the path and the logical bytes read after each batch.
    """

    def __init__(self, database: Database, decoder: Decoder, run: Run, reading: Reading) -> None:
        self._database = database
        self._decoder = decoder
        self._run = run
        self._reading = reading
        self._batches = Batches(database, run, decoder)
        self._decoders = Decoders()
        self.progress: Callable[[FileReport, Counts], None] = lambda _report, _counts: None
        self.stop: Callable[[], bool] = lambda: False

    def one_pass(self, paths: Sequence[Path]) -> PassReport:
        """Reads every file to its end. Raises EtlError where nothing can be loaded at all."""
        report = PassReport()
        with self._database.transaction("none") as session:
            cache = sources.seen_files(session, self._run.source_id) if self._reading.use_cache else {}
        fresh: dict[str, SeenFile] = {}
        try:
            for path in paths:
                if self.stop():
                    break
                self._one_file(path, cache.get(str(path)), report, fresh)
        finally:
            self._decoders.close()
        if self._reading.moves_offset:
            gone = [path for path in cache if not is_there(Path(path))]
            sources.remember_files(self._database, self._run.source_id, fresh, gone)
        return report

    def _one_file(self, path: Path, seen: SeenFile | None, report: PassReport, fresh: dict[str, SeenFile]) -> None:
        one = FileReport(path)
        report.files.append(one)
        try:
            if seen is not None and _as_seen(stat_of(path, path.stat()), seen):
                one.state = "not_ready" if seen.state == "not_ready" else "read"
                return
            with opened(path, salvage=self._reading.salvage) as file:
                one.mtime_ns, one.file_bytes = file.stat.mtime_ns, file.stat.size
                state = self._opened_file(file, one, report.streams)
                if state is not None and self._settled(file.stat) and storable(str(path)) == str(path):
                    stat = file.stat
                    fresh[str(path)] = SeenFile(stat.dev, stat.ino, stat.size, stat.ctime_ns, state)
        except FileNotFoundError:
            one.state = "gone"
        except OSError as error:
            one.state, one.reason = "unreadable", error.strerror or str(error)
        except NotALogError as error:
            one.state, one.reason = "no_log", str(error)

    def _opened_file(self, file: LogFile | NotReady, one: FileReport, streams: set[int]) -> str | None:
        """Loads an opened file; returns the state in which it need not be read again, None if it must."""
        if isinstance(file, NotReady):
            one.state, one.reason = "not_ready", file.reason
            return "not_ready"
        one.size = file.size
        for _ in range(_TRIES):
            if file.head is None:
                one.lag_bytes = file.size
                return None
            try:
                return self._load(file, file.head, one, streams)
            except StaleError as error:
                one.reason = str(error)
                file.look_again()
        one.lag_bytes = max(file.size - one.read_bytes, 1)
        return None

    def _load(self, file: LogFile, head: Head, one: FileReport, streams: set[int]) -> str | None:
        self._run.reached("opened")
        known = self._batches.look_up(file, head)
        preamble = LazyPreamble(file, self._run.source_id, known.preamble)
        reader = LineReader(file, self._decoder, preamble)
        if isinstance(known.resolution, PrefixCopy):
            streams.add(known.resolution.stream_id)
            self._by_key(reader, file, one, known.resolution.start)
            if self._reading.moves_offset:
                self._batches.count_prefix_copy(known.resolution.stream_id)
            one.state = "prefix"
            return "prefix"
        if self._reading.moves_offset and not file.salvaged:
            ahead = Ahead(reader, self._decoders, self._database.dialect, self._reading.bulk_bytes)
            try:
                self._advance(ahead, (file, head, preamble), known, one, streams)
            finally:
                ahead.close()
        else:
            start = known.resolution.committed if isinstance(known.resolution, Continue) else 0
            self._by_key(reader, file, one, 0 if self._reading.days != ALL_DAYS else start)
        if not file.complete or self.stop():
            return None
        self._last_line(reader, file, one)
        return "eof"

    def _advance(
        self,
        ahead: Ahead,
        opened_file: tuple[LogFile, Head, LazyPreamble],
        known: Known,
        one: FileReport,
        streams: set[int],
    ) -> None:
        """Batch after batch from the offset to the last complete line."""
        file, head, preamble = opened_file
        while True:
            start = known.resolution.committed if isinstance(known.resolution, Continue) else 0
            if isinstance(known.resolution, Continue):
                streams.add(known.resolution.stream_id)
            stream_id = known.resolution.stream_id if isinstance(known.resolution, Continue) else None
            stretch = ahead.stretch(start, stream_id) if file.size > start else Stretch(start, start)
            if stretch.end == start or self.stop():
                break
            self._refuse_no_log(file, known, stretch)
            known = Known(known.resolution, known.has_rows, preamble.value)
            try:
                stream_id, counts = self._batches.advance(file, head, known, stretch)
            except NotAllNewError:
                ahead.open(stretch)
                stream_id, counts = self._batches.advance(file, head, known, stretch)
            one.counts.add(counts)
            one.read_bytes += stretch.end - start
            generation = 0 if isinstance(known.resolution, PrefixCopy) else known.resolution.generation
            known = Known(Continue(stream_id, generation, stretch.end), True, preamble.value)
            self.progress(one, counts)
        one.lag_bytes = 0 if file.complete and not self.stop() else max(file.size - start, 0)
        if one.lag_bytes and not file.complete and isinstance(known.resolution, Continue):
            self._batches.see_size(file, known.resolution.stream_id)

    def _by_key(self, reader: LineReader, file: LogFile, one: FileReport, start: int) -> None:
        """Rows by their key from `start` to the last complete line, while the offset stays where it is."""
        head = file.head
        while head is not None and start < file.size and not self.stop():
            stretch = reader.stretch(start)
            if stretch.end == start:
                break
            if start == 0 and not self._reading.accept and is_no_log(stretch):
                raise _no_log(file)
            counts = self._batches.by_key(file, head, stretch, self._reading.days, dry_run=self._reading.dry_run)
            one.counts.add(counts)
            one.read_bytes += stretch.end - start
            start = stretch.end
            self.progress(one, counts)

    def _last_line(self, reader: LineReader, file: LogFile, one: FileReport) -> None:
        """An archive's last line without a newline: by key, since a longer copy of the stream may complete it."""
        stretch = reader.last_line()
        if stretch.end > stretch.start and file.head is not None:
            counts = self._batches.by_key(file, file.head, stretch, self._reading.days, dry_run=self._reading.dry_run)
            one.counts.add(counts)
            one.read_bytes += stretch.end - stretch.start
            self.progress(one, counts)

    def _refuse_no_log(self, file: LogFile, known: Known, stretch: Stretch) -> None:
        if stretch.start == 0 and not known.has_rows and not self._reading.accept and is_no_log(stretch):
            raise _no_log(file)

    def _settled(self, stat: FileStat) -> bool:
        now_ns = int(self._run.clock().timestamp() * 1e9)
        return now_ns - stat.ctime_ns > _SETTLED_NS


def _no_log(file: LogFile) -> NotALogError:
    return NotALogError(
        f"{file.stat.path} is no request log: more than half of its first lines are none",
        "load it all the same with --accept",
    )


def _as_seen(stat: FileStat, seen: SeenFile) -> bool:
    return (stat.dev, stat.ino, stat.size, stat.ctime_ns) == (seen.dev, seen.ino, seen.size, seen.ctime_ns)
