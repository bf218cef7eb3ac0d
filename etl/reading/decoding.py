"""Processes that decode stretches ahead of the one that writes; what they do is what etl.reading.stretches does, elsewhere.

A decoder holds no file and no database: it takes bytes and gives the packed rows, what was rejected, and counts. It
ends when its input does. Whatever goes wrong with it, the stretch is decoded where it is written.
"""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
from collections import Counter, deque
from typing import IO
from zoneinfo import ZoneInfo

import msgspec

from etl.lines.records import Decoder
from etl.reading.stretches import Stretch, take_lines
from etl.store.packing import Packed, is_plain, pack

#: Two keep a writer busy; more would take memory and no time away.
_DECODERS = 2
_LENGTH_BYTES = 8


class Job(msgspec.Struct, array_like=True):
    """Complete lines from `start`, to be packed as rows of a stream for one kind of database."""

    dialect: str
    zone: str
    report_zone: str
    stream_id: int
    start: int
    buffer: bytes
    preamble: bytes | None


class _NoPreambleError(Exception):
    """An older line, of a file whose preamble is not known yet."""


class Decoders:
    """Starts decoders when the first job comes. Jobs are answered in the order in which they were given."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        self._idle: deque[subprocess.Popen[bytes]] = deque()
        self._busy: deque[subprocess.Popen[bytes]] = deque()
        self._answers = msgspec.msgpack.Decoder(Packed | None)

    def has_room(self) -> bool:
        """Whether a job would be begun at once."""
        return bool(self._idle) or len(self._processes) < _DECODERS

    def give(self, job: Job) -> None:
        """Sends a job; only where there is room, since a decoder that answers doesn't read."""
        if not self._idle:
            self._start()
        process = self._idle.popleft()
        self._busy.append(process)
        if process.stdin is not None:
            try:
                _send(process.stdin, msgspec.msgpack.encode(job))
            except OSError:
                process.kill()

    def take(self) -> Packed | None:
        """The answer to the oldest job; None where the stretch is to be decoded by the caller."""
        process = self._busy.popleft()
        answer = _received(process.stdout) if process.stdout is not None else None
        if answer is None:
            self._forget(process)
            return None
        self._idle.append(process)
        found: Packed | None = self._answers.decode(answer)
        return found

    def drain(self) -> None:
        """Waits for what is still being decoded and throws it away."""
        while self._busy:
            self.take()

    def pids(self) -> list[int]:
        """The processes that run."""
        return [process.pid for process in self._processes]

    def close(self) -> None:
        while self._processes:
            self._forget(self._processes[0])
        self._busy.clear()

    def _start(self) -> None:
        command = [sys.executable, "-m", "etl.reading.decoding"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        self._processes.append(process)
        self._idle.append(process)

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        self._processes.remove(process)
        if process in self._idle:
            self._idle.remove(process)
        process.kill()
        process.communicate()


def serve(jobs: IO[bytes], answers: IO[bytes]) -> None:
    """Answers jobs until their end."""
    decoder: tuple[tuple[str, str], Decoder] | None = None
    read = msgspec.msgpack.Decoder(Job).decode
    while (message := _received(jobs)) is not None:
        job = read(message)
        zones = (job.zone, job.report_zone)
        if decoder is None or decoder[0] != zones:
            decoder = zones, Decoder(ZoneInfo(job.zone), ZoneInfo(job.report_zone))
        _send(answers, msgspec.msgpack.encode(_answer(job, decoder[1])))


def _answer(job: Job, decoder: Decoder) -> Packed | None:
    def preamble() -> bytes:
        if job.preamble is None:
            raise _NoPreambleError
        return job.preamble

    stretch = Stretch(job.start, job.start + len(job.buffer), buffer=job.buffer)
    try:
        take_lines(stretch, decoder, preamble)
    except _NoPreambleError:
        return None
    records = stretch.records
    tables: dict[str, list[tuple[object, ...]]] = {}
    for record in records:
        tables.setdefault(record.table, []).append((*record.values, job.stream_id))
    return Packed(
        stream_id=job.stream_id,
        data=pack(job.dialect, tables, plain=is_plain(job.buffer)),
        tables={table: len(rows) for table, rows in tables.items()},
        days=Counter(record.event_day for record in records),
        newest=max((record.ts for record in records), default=""),
        law_violations=sum(record.breaks_law for record in records),
        rejected=stretch.rejected,
        blank=stretch.blank,
        skipped=stretch.skipped,
    )


def _send(stream: IO[bytes], message: bytes) -> None:
    stream.write(len(message).to_bytes(_LENGTH_BYTES, "big"))
    stream.write(message)
    stream.flush()


def _received(stream: IO[bytes]) -> bytes | None:
    """The next message; None at the end."""
    head = stream.read(_LENGTH_BYTES)
    length = int.from_bytes(head, "big")
    message = stream.read(length)
    return message if len(head) == _LENGTH_BYTES and len(message) == length else None


if __name__ == "__main__":
    # Ctrl-C goes to the whole group; the writer ends its decoders when it has ended its batch.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Nothing here makes cycles, and looking for them among all those rows takes time.
    gc.disable()
    serve(sys.stdin.buffer, sys.stdout.buffer)
