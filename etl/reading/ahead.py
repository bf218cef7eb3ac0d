"""Stretches of a large file, decoded ahead of the writer by other processes (etl.reading.decoding).

What is read ahead is only bytes: the writer compares file, head and anchors inside its transaction as for any stretch.
"""

from __future__ import annotations

from collections import deque

from etl.reading.decoding import Decoders, Job
from etl.reading.stretches import CHUNK_BYTES, LineReader, Stretch

#: From so much on it is worth to start processes.
WORTH_BYTES = 8 * CHUNK_BYTES


class Ahead:
    """Gives the stretches of one file; `dialect` is the kind of database that they are packed for."""

    def __init__(self, reader: LineReader, decoders: Decoders, dialect: str, worth_bytes: int = WORTH_BYTES) -> None:
        self._reader = reader
        self._decoders = decoders
        self._dialect = dialect
        self._worth_bytes = worth_bytes
        self._given: deque[Stretch] = deque()
        self._off = False

    def stretch(self, start: int, stream_id: int | None) -> Stretch:
        """The lines from `start`; packed as rows of the stream where that is known and much is left to read."""
        if self._given and self._given[0].start != start:
            self.close()
        if not self._given and (self._off or stream_id is None or self._reader.size - start < self._worth_bytes):
            return self._reader.stretch(start)
        if stream_id is not None:
            self._give(start, stream_id)
        if not self._given:
            return self._reader.stretch(start)
        stretch = self._given.popleft()
        stretch.packed = self._decoders.take()
        if stretch.packed is None:
            self._reader.take(stretch)
        if stream_id is not None:
            self._give(stretch.end, stream_id)
        stretch.followed = bool(self._given)
        return stretch

    def open(self, stretch: Stretch) -> None:
        """Decodes a packed stretch here; what overlaps with other files is written line by line from here on."""
        self._off = True
        self.close()
        stretch.followed = False
        self._reader.take(stretch)

    def close(self) -> None:
        """Throws away what was read ahead."""
        self._given.clear()
        self._decoders.drain()

    def _give(self, start: int, stream_id: int) -> None:
        """Gives the decoders as much as they can begin, from `start` or where the last stretch ends."""
        at = self._given[-1].end if self._given else start
        while not self._off and self._decoders.has_room():
            stretch = self._reader.cut(at)
            if stretch is None or stretch.end == stretch.start:
                return
            self._decoders.give(self._job(stretch, stream_id), stretch.buffer)
            self._given.append(stretch)
            at = stretch.end

    def _job(self, stretch: Stretch, stream_id: int) -> Job:
        zones = (self._reader.decoder.timezone, self._reader.decoder.report_timezone)
        return Job(self._dialect, *zones, stream_id, stretch.start, len(stretch.buffer), self._reader.preamble.value)
