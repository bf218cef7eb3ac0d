"""Processes that decode stretches ahead of the one that writes (etl.reading.decoder is what they run).

A decoder holds no file and no database: it takes bytes and gives the packed rows, what was rejected, and counts. It
ends when its input does. Whatever goes wrong with it, the stretch is decoded where it is written. What is large lies
in memory that both share; a pipe would make the two wait for each other at every 64 KiB.
"""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
from collections import deque
from typing import IO

import msgspec

from etl.reading.stretches import CHUNK_BYTES
from etl.store.packing import Packed

#: Two keep a writer busy; more would take memory and no time away.
_DECODERS = 2
_LENGTH_BYTES = 8
#: Rows are smaller than their lines; what all the same doesn't fit is decoded by the writer.
ANSWER_BYTES = 2 * CHUNK_BYTES


class Job(msgspec.Struct, array_like=True):
    """Complete lines from `start`, to be packed as rows of a stream for one kind of database; `length` in bytes."""

    dialect: str
    zone: str
    report_zone: str
    stream_id: int
    start: int
    length: int
    preamble: bytes | None


class Answer(msgspec.Struct, array_like=True):
    """What became of a job; the packed data lie in the shared memory, one after the other, of these lengths."""

    packed: Packed
    lengths: dict[str, int]


class Shared:
    """Memory shared with another process: the lines of a job, behind them the data of its answer."""

    def __init__(self, fd: int) -> None:
        self._memory = mmap.mmap(fd, CHUNK_BYTES + ANSWER_BYTES)

    def put_lines(self, lines: bytes) -> None:
        self._memory[: len(lines)] = lines

    def lines(self, length: int) -> bytes:
        return self._memory[:length]

    def put_data(self, data: dict[str, bytes]) -> dict[str, int] | None:
        """The lengths of what was put, None if it doesn't fit."""
        if sum(map(len, data.values())) > ANSWER_BYTES:
            return None
        at = CHUNK_BYTES
        for part in data.values():
            self._memory[at : at + len(part)] = part
            at += len(part)
        return {name: len(part) for name, part in data.items()}

    def data(self, lengths: dict[str, int]) -> dict[str, bytes]:
        found, at = {}, CHUNK_BYTES
        for name, length in lengths.items():
            found[name] = self._memory[at : at + length]
            at += length
        return found

    def close(self) -> None:
        self._memory.close()


class _Decoder:
    """A running process and the memory shared with it."""

    def __init__(self) -> None:
        # A file without a name: nothing is left of it, whoever is killed.
        fd = os.memfd_create("lines")
        try:
            os.ftruncate(fd, CHUNK_BYTES + ANSWER_BYTES)
            self.shared = Shared(fd)
            command = [sys.executable, "-m", "etl.reading.decoder", str(fd)]
            self.process = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[fd]
            )
        finally:
            os.close(fd)

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.shared.close()


class Decoders:
    """Starts decoders when the first job comes. Jobs are answered in the order in which they were given."""

    def __init__(self) -> None:
        self._all: list[_Decoder] = []
        self._idle: deque[_Decoder] = deque()
        self._busy: deque[_Decoder] = deque()
        self._answers = msgspec.msgpack.Decoder(Answer | None)

    def has_room(self) -> bool:
        """Whether a job would be begun at once."""
        return bool(self._idle) or len(self._all) < _DECODERS

    def give(self, job: Job, lines: bytes) -> None:
        """Gives a job; only where there is room."""
        if not self._idle:
            self._all.append(_Decoder())
            self._idle.append(self._all[-1])
        decoder = self._idle.popleft()
        self._busy.append(decoder)
        decoder.shared.put_lines(lines)
        if decoder.process.stdin is not None:
            try:
                send(decoder.process.stdin, msgspec.msgpack.encode(job))
            except OSError:
                decoder.process.kill()

    def take(self) -> Packed | None:
        """The answer to the oldest job; None where the stretch is to be decoded by the caller."""
        decoder = self._busy.popleft()
        answer = received(decoder.process.stdout) if decoder.process.stdout is not None else None
        if answer is None:
            self._forget(decoder)
            return None
        self._idle.append(decoder)
        found: Answer | None = self._answers.decode(answer)
        if found is None:
            return None
        found.packed.data = decoder.shared.data(found.lengths)
        return found.packed

    def drain(self) -> None:
        """Waits for what is still being decoded and throws it away."""
        while self._busy:
            self.take()

    def pids(self) -> list[int]:
        """The processes that run."""
        return [decoder.process.pid for decoder in self._all]

    def close(self) -> None:
        while self._all:
            self._forget(self._all[0])
        self._busy.clear()

    def _forget(self, decoder: _Decoder) -> None:
        self._all.remove(decoder)
        if decoder in self._idle:
            self._idle.remove(decoder)
        decoder.end()


def send(stream: IO[bytes], message: bytes) -> None:
    """Writes a message behind its length."""
    stream.write(len(message).to_bytes(_LENGTH_BYTES, "big"))
    stream.write(message)
    stream.flush()


def received(stream: IO[bytes]) -> bytes | None:
    """The next message; None at the end."""
    head = stream.read(_LENGTH_BYTES)
    length = int.from_bytes(head, "big")
    message = stream.read(length)
    return message if len(head) == _LENGTH_BYTES and len(message) == length else None
