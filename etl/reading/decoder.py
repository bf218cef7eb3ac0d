"""`python -m etl.reading.decoder FD`: decodes stretches for the process that started it (etl.reading.decoding).

What it does with a line is what etl.reading.stretches does; FD is the memory that the two share.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from operator import itemgetter
from typing import IO, Any
from zoneinfo import ZoneInfo

import msgspec

from etl.lines.records import Decoder
from etl.reading.decoding import Answer, Job, Shared, received, send
from etl.reading.stretches import Stretch, take_lines
from etl.store.packing import CopyText, Packed, is_plain
from etl.store.staged import Staged

#: So much is decoded and packed at a time: small enough to stay in the processor's cache.
_PIECE_BYTES = 128 * 1024
#: The writer and the database go first.
_NICE = 5

_DAY, _TS = itemgetter(0), itemgetter(2)


class _NoPreambleError(Exception):
    """An older line, of a file whose preamble is not known yet."""


def serve(jobs: IO[bytes], answers: IO[bytes], shared: Shared) -> None:
    """Answers jobs until their end."""
    decoder: tuple[tuple[str, str], Decoder] | None = None
    read = msgspec.msgpack.Decoder(Job).decode
    while (message := received(jobs)) is not None:
        job = read(message)
        zones = (job.zone, job.report_zone)
        if decoder is None or decoder[0] != zones:
            decoder = zones, Decoder(ZoneInfo(job.zone), ZoneInfo(job.report_zone))
        answer = None
        packed = packed_of(job, shared.lines(job.length), decoder[1])
        if packed is not None:
            lengths = shared.put_data(packed.data)
            packed.data = {}
            answer = None if lengths is None else Answer(packed, lengths)
        send(answers, msgspec.msgpack.encode(answer))


def packed_of(job: Job, lines: bytes, decoder: Decoder) -> Packed | None:
    """The lines of a job, packed; None where they ask for a preamble that the job doesn't know."""

    def preamble() -> bytes:
        if job.preamble is None:
            raise _NoPreambleError
        return job.preamble

    gathered: Staged | CopyText = Staged() if job.dialect == "sqlite" else CopyText()
    packed = Packed(job.stream_id, {}, {}, Counter(), "", 0, [], 0, 0)
    try:
        for at, piece in _pieces(lines):
            stretch = Stretch(job.start + at, job.start + at + len(piece), buffer=piece)
            take_lines(stretch, decoder, preamble)
            _add(packed, stretch, gathered)
    except _NoPreambleError:
        return None
    packed.data = gathered.data()
    return packed


def _pieces(lines: bytes) -> Iterator[tuple[int, bytes]]:
    """Complete lines, some at a time, with their offsets."""
    at = 0
    while at < len(lines):
        end = lines.find(b"\n", at + _PIECE_BYTES) + 1 or len(lines)
        yield at, lines[at:end]
        at = end


def _add(packed: Packed, stretch: Stretch, gathered: Staged | CopyText) -> None:
    """Adds what became of a piece of the lines."""
    stream = (packed.stream_id,)
    tables: dict[str, list[tuple[Any, ...]]] = {}
    for table, values, breaks_law in stretch.records:
        tables.setdefault(table, []).append(values + stream)
        packed.law_violations += breaks_law
    plain = is_plain(stretch.buffer)
    for table, rows in tables.items():
        gathered.add(table, rows, plain=plain)
        packed.tables[table] = packed.tables.get(table, 0) + len(rows)
        for day, of_day in Counter(map(_DAY, rows)).items():
            packed.days[day] = packed.days.get(day, 0) + of_day
        packed.newest = max(packed.newest, *map(_TS, rows))
    packed.rejected += stretch.rejected
    packed.blank += stretch.blank
    packed.skipped += stretch.skipped


if __name__ == "__main__":
    # Ctrl-C goes to the whole group; the writer ends its decoders when it has ended its batch.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    # Nothing here makes cycles, and looking for them among all those rows takes time.
    gc.disable()
    serve(sys.stdin.buffer, sys.stdout.buffer, Shared(int(sys.argv[1])))
