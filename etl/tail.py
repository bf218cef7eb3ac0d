"""Where lines end, which stream a file is, and where to go on in it (etl.md, D1). Pure.

A file is known by its first complete line (its head) and, at an offset, by the bytes before it (an anchor). Names,
inodes and times decide nothing. When in doubt a file is a new generation: read again, and the key of the rows makes
the overlap harmless; taking another file for the same one would lose lines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

#: A first line longer than this identifies its file by its first bytes only.
HEAD_BYTES = 256 * 1024
#: An anchor covers at least this much, and the last line, but never more than a line may have.
ANCHOR_BYTES = 4096
ANCHOR_BYTES_MOST = HEAD_BYTES + 1
MIB = 1024 * 1024

# Denser at the start, so that a short file with a known head is soon told from a copy of that stream.
_FIRST_BOUNDARIES = (4096, 16384, 65536, 262144)


@dataclass(frozen=True, slots=True)
class Head:
    """The identity of a file: the hash of its first `length` bytes; `cut` if its first line is longer than those."""

    sha256: bytes
    length: int
    cut: bool


@dataclass(frozen=True, slots=True)
class Anchor:
    """The hash of the `win` bytes before the offset `off`."""

    off: int
    win: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stream that has the head of a file: its anchor at `committed` and its highest one that the file could hold."""

    stream_id: int
    generation: int
    committed: int
    at_committed: Anchor | None
    highest: Anchor | None


@dataclass(frozen=True, slots=True)
class Continue:
    """The file holds this stream, at least to its offset."""

    stream_id: int
    generation: int
    committed: int


@dataclass(frozen=True, slots=True)
class PrefixCopy:
    """The file is an older, shorter copy of the stream: to be replayed from `start` without moving the offset."""

    stream_id: int
    start: int


@dataclass(frozen=True, slots=True)
class NewGeneration:
    """No known stream: to be read from 0."""

    generation: int


Resolution = Continue | PrefixCopy | NewGeneration


def head_of(first_bytes: bytes) -> Head | None:
    """The head of a file by its first (at least HEAD_BYTES, if it has them) bytes; None while no line is complete."""
    end = first_bytes.find(b"\n", 0, HEAD_BYTES)
    if end >= 0:
        return Head(hashlib.sha256(first_bytes[: end + 1]).digest(), end + 1, cut=False)
    if len(first_bytes) < HEAD_BYTES:
        return None
    return Head(hashlib.sha256(first_bytes[:HEAD_BYTES]).digest(), HEAD_BYTES, cut=True)


def split(buffer: bytes) -> list[bytes]:
    """The complete lines in a buffer, without their newlines; what stands behind the last newline is left out."""
    lines = buffer.split(b"\n")
    lines.pop()
    return lines


def window(offset: int, line_length: int) -> int:
    """How many bytes an anchor at `offset` covers, where a line of `line_length` bytes with its newline ends there."""
    return min(offset, max(ANCHOR_BYTES, min(line_length, ANCHOR_BYTES_MOST)))


def anchor_at(offset: int, win: int, before: bytes) -> Anchor:
    """The anchor at `offset`, where `before` ends with the `win` bytes before it."""
    return Anchor(offset, win, hashlib.sha256(before[len(before) - win :]).digest())


def bucket(offset: int) -> int:
    """How many boundaries lie at or below an offset: 4, 16, 64 and 256 KiB, then each MiB."""
    return sum(offset >= boundary for boundary in _FIRST_BOUNDARIES) + offset // MIB


def bucket_start(offset: int) -> int:
    """The boundary at or below an offset (0 below the first)."""
    if offset >= MIB:
        return offset // MIB * MIB
    return max((boundary for boundary in _FIRST_BOUNDARIES if boundary <= offset), default=0)


def line_ends(start: int, buffer: bytes) -> list[tuple[int, int]]:
    """(offset, length) of the line ends in complete lines from `start` that anchors may stand at.

    These are the first at or behind each boundary of a bucket, and the last.
    """
    ends = []
    stop = start + len(buffer)
    offset = start
    while offset < stop:
        boundary = _boundary_behind(offset)
        found = buffer.find(b"\n", boundary - 1 - start) + 1 if boundary <= stop else len(buffer)
        offset = start + found
        ends.append((offset, found - (buffer.rfind(b"\n", 0, found - 1) + 1)))
    return ends


def _boundary_behind(offset: int) -> int:
    """The first boundary of a bucket above an offset."""
    later = (boundary for boundary in _FIRST_BOUNDARIES if boundary > offset)
    return min(next(later, MIB), MIB) if offset < MIB else (offset // MIB + 1) * MIB


def kept_ends(start: int, ends: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of the (offset, length) of line ends after `start` those whose anchors are kept: the first of each bucket."""
    kept = []
    last = bucket(start)
    for offset, length in ends:
        if bucket(offset) > last:
            last = bucket(offset)
            kept.append((offset, length))
    return kept


def resolve(size: int, candidates: Sequence[Candidate], matches: Callable[[Anchor], bool]) -> Resolution:
    """Which stream a file of `size` bytes is, among those with its head; `matches` looks at the file's bytes."""
    newest_first = sorted(candidates, key=lambda candidate: -candidate.generation)
    for candidate in newest_first:
        if size >= candidate.committed:
            if candidate.committed == 0 or (candidate.at_committed is not None and matches(candidate.at_committed)):
                return Continue(candidate.stream_id, candidate.generation, candidate.committed)
        elif candidate.highest is None:
            # Shorter than the first anchor: its head is all that can be compared.
            return PrefixCopy(candidate.stream_id, 0)
        elif matches(candidate.highest):
            return PrefixCopy(candidate.stream_id, candidate.highest.off)
    return NewGeneration(newest_first[0].generation + 1 if newest_first else 0)
