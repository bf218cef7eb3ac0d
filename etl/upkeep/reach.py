"""The files on disk against the books: the same bytes, and how far back a restored backup heals itself (etl.md, D15).

An older backup forgets rows and offsets together, so the next import reads on from its offsets, and everything comes
back that is still in a file. What was loaded from a file that is gone now is in the newer database only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from etl.lines.older_lines import starts_like_one
from etl.reading.files import LogFile, opened
from etl.store import books, streams
from etl.store.books import Loaded
from etl.store.database import Database, Session
from etl.tail import Head, NewGeneration, resolve


@dataclass(frozen=True, slots=True)
class Gone:
    """A stream with rows of which no file on disk holds all loaded bytes, only the first `on_disk`."""

    stream_id: int
    source_id: str
    path: str | None
    committed: int
    on_disk: int
    rows: int
    last_advance_at: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What the files on disk would give back to an older backup.

    One from `heals_since` on (RFC 3339; None: any) is whole after the next import. `unread_bytes` are those of known
    streams that are not loaded yet, `new_files` those of no known stream.
    """

    heals_since: str | None
    gone: list[Gone]
    unread_bytes: int
    new_files: int


@dataclass(slots=True)
class Seen:
    """What a look at files found; `edited` are (path, what is wrong), `compared` files that the books know."""

    compared: int = 0
    new: int = 0
    edited: list[tuple[str, str]] = field(default_factory=list)
    sizes: dict[int, int] = field(default_factory=dict)


def look(database: Database, paths: Iterable[Path]) -> Seen:
    """Holds files against the anchors of their streams, all of them."""
    seen = Seen()
    for path in paths:
        with database.transaction("snapshot") as session:
            _look_at(session, path, seen)
    return seen


def reach(loaded: list[Loaded], seen: Seen) -> Reach:
    """What `look` found, as the answer to: what if a backup were restored now?"""
    gone = [
        Gone(one.stream_id, one.source_id, one.path, one.committed, on_disk, one.rows, one.last_advance_at)
        for one in loaded
        if one.rows
        and ((on_disk := seen.sizes.get(one.stream_id, 0)) < one.committed or one.stream_id not in seen.sizes)
    ]
    unread = sum(max(seen.sizes.get(one.stream_id, 0) - one.committed, 0) for one in loaded)
    return Reach(max((one.last_advance_at for one in gone), default=None), gone, unread, seen.new)


def _look_at(session: Session, path: Path, seen: Seen) -> None:
    try:
        with opened(path) as file:
            if not isinstance(file, LogFile) or file.head is None:
                return
            sources = books.sources_with(session, file.head)
            seen.compared += bool(sources)
            seen.new += not sources
            for source_id in sources:
                _hold_against(session, file, file.head, (source_id, seen))
    except OSError:
        return


def _hold_against(session: Session, file: LogFile, head: Head, of: tuple[str, Seen]) -> None:
    """Against the streams of a source that have this head."""
    source_id, seen = of
    found = streams.streams_of(session, source_id, head, file.size, lock=False)
    resolution = resolve(file.size, [stream.candidate for stream in found], file.matches)
    if isinstance(resolution, NewGeneration):
        # Files may begin with the same banner: such a one may just not be loaded yet.
        if _is_unique(file, head):
            seen.edited.append((str(file.stat.path), "it is not what was loaded from it"))
        return
    stream_id = resolution.stream_id
    anchors = [anchor for anchor in books.anchors(session, stream_id) if anchor.off <= file.size]
    wrong = next((anchor for anchor in anchors if not file.matches(anchor)), None)
    if wrong is not None:
        message = f"the bytes before offset {wrong.off:,} are not those that were loaded"
        seen.edited.append((str(file.stat.path), message))
        return
    seen.sizes[stream_id] = max(file.size, seen.sizes.get(stream_id, 0))


def _is_unique(file: LogFile, head: Head) -> bool:
    """Whether the first line is a request's of version 1, with its writer and number in it."""
    first = file.read(0, head.length).lstrip()
    return first.startswith(b"{") and b'"writer_id"' in first and not starts_like_one(first)
