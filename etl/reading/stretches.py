"""A stretch of a file's bytes becomes the outcomes of its lines, before any transaction begins."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from etl.lines.older_lines import preamble_of
from etl.lines.outcomes import Blank, Glued, Outcome, Record, Reject, Rejected
from etl.lines.records import MAX_LINE_BYTES, Decoder, Preamble, looks_like_request
from etl.reading.files import LogFile
from etl.store.packing import Packed
from etl.tail import Anchor, anchor_at, kept_ends, line_ends, split, window

CHUNK_BYTES = 4 * 1024 * 1024
#: Of a line longer than any may be so much is kept.
LONG_LINE_KEPT = 64 * 1024
#: What the breaker looks at (etl.md, D9).
SAMPLE_LINES, SAMPLE_BYTES = 1000, 1024 * 1024


@dataclass(slots=True)
class Stretch:
    """The lines from `start` to `end`: their records, rejects, the rest counted, and the anchors at their ends.

    `followed` says that another one of the same file is being decoded already.
    """

    start: int
    end: int
    records: list[Record] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    blank: int = 0
    skipped: int = 0
    anchors: list[Anchor] = field(default_factory=list)
    buffer: bytes = b""
    sample: tuple[int, int] | None = None
    head_day: str | None = None
    packed: Packed | None = None
    followed: bool = False

    def raw(self, offset: int) -> bytes:
        """The line at an offset within the stretch, without its newline."""
        at = offset - self.start
        end = self.buffer.find(b"\n", at)
        return self.buffer[at:] if end < 0 else self.buffer[at:end]

    def good_and_bad(self) -> tuple[int, int]:
        """How many lines were records and how many rejected or skipped."""
        return len(self.records), len(self.rejected) + self.skipped

    def months(self) -> set[str]:
        """The months (`YYYY-MM`) of the records."""
        days = self.packed.days if self.packed is not None else (record.event_day for record in self.records)
        return {day[:7] for day in days}


class LineReader:
    """Reads the lines of one opened file."""

    def __init__(self, file: LogFile, decoder: Decoder, preamble: LazyPreamble) -> None:
        self._file = file
        self.decoder = decoder
        self.preamble = preamble
        self._head_day = self._day_of_head()

    @property
    def size(self) -> int:
        """The logical bytes of the file."""
        return self._file.size

    def stretch(self, start: int) -> Stretch:
        """The complete lines from `start`, of at most CHUNK_BYTES; `end == start` where there are none.

        The first of a file is just long enough for the breaker: a file that is no log is looked at in every pass.
        """
        stretch = self.cut(start)
        if stretch is None:
            return self._long_line(start)
        self.take(stretch)
        return stretch

    def cut(self, start: int) -> Stretch | None:
        """The complete lines from `start` as bytes, with the anchors at their ends; None if the first is too long."""
        buffer = self._file.read(start, CHUNK_BYTES if start else SAMPLE_BYTES + MAX_LINE_BYTES + 1)
        end = buffer.rfind(b"\n") + 1
        if end == 0 and len(buffer) > MAX_LINE_BYTES:
            return None
        stretch = Stretch(start, start + end, buffer=buffer[:end], head_day=self._head_day)
        if end:
            stretch.anchors = self._anchors(stretch)
        return stretch

    def take(self, stretch: Stretch) -> None:
        """Decodes the lines of a stretch that was cut."""
        take_lines(stretch, self.decoder, self.preamble)

    def last_line(self) -> Stretch:
        """What stands behind the last newline of a whole archive: nobody will ever complete it."""
        size = self._file.size
        start = self._last_newline(size)
        stretch = Stretch(start, size, head_day=self._head_day)
        if size - start > MAX_LINE_BYTES:
            stretch.rejected.append(self._long(start, size))
        elif size > start:
            stretch.buffer = self._file.read(start, size - start)
            _take(stretch, self.decoder.decode(stretch.buffer, start, self.preamble), stretch.buffer, start)
            stretch.rejected = [_unterminated(rejected) for rejected in stretch.rejected]
        return stretch

    def _day_of_head(self) -> str | None:
        """The day of the file's first line, if that is a record."""
        if self._file.head is None or self._file.head.cut:
            return None
        line = self._file.read(0, self._file.head.length).removesuffix(b"\n")
        outcome = self.decoder.decode(line, 0, bytes)
        return outcome.event_day if isinstance(outcome, Record) else None

    def _anchors(self, stretch: Stretch) -> list[Anchor]:
        """At the first line end of each bucket, and at the end."""
        ends = line_ends(stretch.start, stretch.buffer)
        wanted = dict(kept_ends(stretch.start, ends))
        wanted[ends[-1][0]] = ends[-1][1]
        anchors = []
        for offset, length in wanted.items():
            win = window(offset, length)
            first = offset - win
            before = stretch.buffer[max(first - stretch.start, 0) : offset - stretch.start]
            if first < stretch.start:
                # What is in the stretch comes from it: an anchor must be of the bytes that are loaded.
                before = self._file.read(first, stretch.start - first) + before
            anchors.append(anchor_at(offset, win, before))
        return anchors

    def _long_line(self, start: int) -> Stretch:
        """A line longer than a chunk: its end is searched without holding it; nothing while it has none."""
        offset = start
        while chunk := self._file.read(offset, CHUNK_BYTES):
            at = chunk.find(b"\n")
            if at >= 0:
                end = offset + at
                stretch = Stretch(start, end + 1, rejected=[self._long(start, end)])
                win = window(end + 1, end + 1 - start)
                stretch.anchors = [anchor_at(end + 1, win, self._file.read(end + 1 - win, win))]
                return stretch
            offset += len(chunk)
        return Stretch(start, start)

    def _long(self, start: int, end: int) -> Rejected:
        digest = hashlib.sha256()
        for offset in range(start, end, CHUNK_BYTES):
            digest.update(self._file.read(offset, min(CHUNK_BYTES, end - offset)))
        reject = Reject("too_long", f"{end - start} bytes, at most {MAX_LINE_BYTES} are read")
        return Rejected(start, self._file.read(start, LONG_LINE_KEPT), end - start, digest.digest(), reject)

    def _last_newline(self, size: int) -> int:
        """The offset behind the last newline before `size`, 0 without any."""
        at = size
        while at > 0:
            start = max(at - CHUNK_BYTES, 0)
            found = self._file.read(start, at - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            at = start
        return 0


def take_lines(stretch: Stretch, decoder: Decoder, preamble: Preamble) -> None:
    """Decodes the lines in the buffer of a stretch into it."""
    stretch.packed = None
    decode = decoder.decode
    keep = stretch.records.append
    offset = stretch.start
    for number, line in enumerate(split(stretch.buffer), 1):
        outcome = decode(line, offset, preamble)
        if type(outcome) is Record:
            keep(outcome)
        else:
            _take(stretch, outcome, line, offset)
        offset += len(line) + 1
        if stretch.sample is None and (number == SAMPLE_LINES or offset - stretch.start >= SAMPLE_BYTES):
            stretch.sample = stretch.good_and_bad()


def _take(stretch: Stretch, outcome: Outcome, line: bytes, offset: int) -> None:
    if isinstance(outcome, Record):
        stretch.records.append(outcome)
    elif isinstance(outcome, Glued):
        stretch.records.append(outcome.record)
        stretch.rejected.append(Rejected.whole(offset, line, outcome.reject))
    elif isinstance(outcome, Reject):
        raw = line if len(line) <= MAX_LINE_BYTES else line[:LONG_LINE_KEPT]
        digest = hashlib.sha256(line).digest()
        stretch.rejected.append(Rejected(offset, raw, len(line), digest, outcome))
    elif isinstance(outcome, Blank):
        stretch.blank += 1
    else:
        stretch.skipped += 1


class LazyPreamble:
    """The preamble of a file's older lines, found when the first of them asks for it; `value` is what is known."""

    def __init__(self, file: LogFile, source_id: str, value: bytes | None) -> None:
        self._file = file
        self._source_id = source_id
        self.value = value

    def __call__(self) -> bytes:
        if self.value is None:
            self.value = preamble_of(self._source_id, self._first_bytes())
        return self.value

    def _first_bytes(self) -> Iterator[bytes]:
        """All bytes through the first request line, without its newline."""
        offset = 0
        while buffer := self._file.read(offset, CHUNK_BYTES):
            at = 0
            for line in split(buffer):
                if looks_like_request(line):
                    yield buffer[: at + len(line)]
                    return
                at += len(line) + 1
            # A chunk without a newline is its own part; else go on behind the last newline.
            part = buffer[: at or len(buffer)]
            yield part
            offset += len(part)


def is_no_log(stretch: Stretch) -> bool:
    """Whether the first lines say that a file is no request log (etl.md, D9: the breaker).

    A short file needs one row only: a service that has just started has written more banner than requests.
    """
    if stretch.sample is not None:
        good, bad = stretch.sample
        return bad > good
    good, bad = stretch.good_and_bad()
    return bad > 0 and good == 0


def _unterminated(rejected: Rejected) -> Rejected:
    reject = Reject("unterminated", f"the archive ends within a line ({rejected.reject.error})")
    return Rejected(rejected.offset, rejected.raw, rejected.length, rejected.sha256, reject)
