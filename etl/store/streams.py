"""The books of the streams: offset, anchors and ledger, moved together in the transaction of the rows."""

from __future__ import annotations

from dataclasses import dataclass

from etl.lines.counts import Counts
from etl.store.database import Session
from etl.tables import COUNTERS
from etl.tail import MIB, Anchor, Candidate, Head, bucket, bucket_start

_LEDGER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream as the database knows it; `has_rows` once any line of it was a row."""

    candidate: Candidate
    has_rows: bool
    preamble: bytes | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies, for people to read only."""

    path: str
    dev: int
    ino: int
    size: int


@dataclass(frozen=True, slots=True)
class Advance:
    """A batch's step from one offset to another, with all that is written beside its rows."""

    stream_id: int
    start: int
    end: int
    run_id: str
    now: str
    minute_ago: str
    place: Place
    preamble: bytes | None


def streams_of(session: Session, source_id: str, head: Head, size: int, *, lock: bool) -> list[Stream]:
    """The streams of a source that have this head, with the anchors that a file of `size` bytes can be held against.

    With `lock` they stay as they are until the end of the transaction.
    """
    suffix = " FOR UPDATE" if lock and not session.is_sqlite else ""
    rows = session.run(
        "SELECT stream_id, generation, committed, n_ok + n_dup + n_expired + n_erased, preamble_sha256 "
        f"FROM ingest_stream WHERE source_id = ? AND head_sha256 = ? ORDER BY generation{suffix}",
        source_id,
        head.sha256,
    ).all()
    return [
        Stream(
            Candidate(
                stream_id,
                generation,
                committed,
                _anchor(session, "off = ?", stream_id, committed),
                _anchor(session, "off <= ?", stream_id, size),
            ),
            rows_yet > 0,
            bytes(preamble) if preamble is not None else None,
        )
        for stream_id, generation, committed, rows_yet, preamble in rows
    ]


def _anchor(session: Session, where: str, stream_id: int, off: int) -> Anchor | None:
    row = session.run(
        f"SELECT off, win, sha256 FROM ingest_anchor WHERE stream_id = ? AND {where} ORDER BY off DESC LIMIT 1",
        stream_id,
        off,
    ).first()
    return Anchor(row[0], row[1], bytes(row[2])) if row else None


def create_stream(session: Session, source_id: str, head: Head, generation: int, now: str) -> int:
    """The id of the stream of this head and generation, which is made if it isn't there."""
    session.run(
        "INSERT INTO ingest_stream (source_id, head_sha256, head_cut, generation, first_seen_at) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (source_id, head_sha256, generation) DO NOTHING",
        source_id,
        head.sha256,
        head.cut,
        generation,
        now,
    )
    suffix = "" if session.is_sqlite else " FOR UPDATE"
    found = session.run(
        f"SELECT stream_id FROM ingest_stream WHERE source_id = ? AND head_sha256 = ? AND generation = ?{suffix}",
        source_id,
        head.sha256,
        generation,
    ).scalar_one()
    return int(found)


def advance(session: Session, step: Advance, counts: Counts, anchors: list[Anchor]) -> bool:
    """Moves the offset from `start` to `end`, with counters, ledger and anchors; False if it wasn't at `start`."""
    added = ", ".join(f"{name} = {name} + ?" for name in COUNTERS)
    moved = session.run(
        f"UPDATE ingest_stream SET committed = ?, {added}, last_advance_at = ?, last_path = ?, last_dev = ?, "
        "last_ino = ?, max_seen_size = CASE WHEN max_seen_size > ? THEN max_seen_size ELSE ? END, lost_bytes = 0, "
        "preamble_sha256 = COALESCE(preamble_sha256, ?) WHERE stream_id = ? AND committed = ?",
        step.end,
        *_values(counts),
        step.now,
        step.place.path,
        step.place.dev,
        step.place.ino,
        step.place.size,
        step.place.size,
        step.preamble,
        step.stream_id,
        step.start,
    )
    if moved.rowcount != 1:
        return False
    _enter_ledger(session, step, counts)
    _move_anchors(session, step, anchors)
    return True


def add_replayed(session: Session, stream_id: int, counts: Counts) -> None:
    """Counts rows that came from outside of the offset's account: a prefix copy, a range, an unterminated last line."""
    if counts.ok:
        session.run("UPDATE ingest_stream SET n_replayed = n_replayed + ? WHERE stream_id = ?", counts.ok, stream_id)


def lock(session: Session, stream_id: int) -> None:
    """Keeps a stream as it is until the end of the transaction."""
    if not session.is_sqlite:
        session.run("SELECT 1 FROM ingest_stream WHERE stream_id = ? FOR UPDATE", stream_id)


def preamble(session: Session, stream_id: int) -> bytes | None:
    """What tells the older lines of a stream from another's, None where it is not known."""
    found = session.run("SELECT preamble_sha256 FROM ingest_stream WHERE stream_id = ?", stream_id).scalar()
    return None if found is None else bytes(found)


def of_line(session: Session, source_id: str, head_sha256: bytes) -> list[int]:
    """The streams, newest first, that a line kept without its stream may have come from."""
    rows = session.run(
        "SELECT stream_id FROM ingest_stream WHERE source_id = ? AND head_sha256 = ? ORDER BY generation DESC",
        source_id,
        head_sha256,
    )
    return [int(row[0]) for row in rows]


def add_reprocessed(session: Session, stream_id: int, rows: int) -> None:
    """Counts rows that came out of quarantine."""
    session.run("UPDATE ingest_stream SET n_reprocessed = n_reprocessed + ? WHERE stream_id = ?", rows, stream_id)


def paths(session: Session) -> list[str]:
    """Every path at which a file of any source was seen last."""
    rows = session.run(
        "SELECT last_path FROM ingest_stream WHERE last_path IS NOT NULL UNION SELECT path FROM ingest_file_seen "
        "ORDER BY 1"
    )
    return [str(row[0]) for row in rows]


def count_prefix_copy(session: Session, stream_id: int) -> None:
    session.run("UPDATE ingest_stream SET n_prefix_copies = n_prefix_copies + 1 WHERE stream_id = ?", stream_id)


def see_size(session: Session, stream_id: int, place: Place) -> None:
    """Notes bytes that were seen beyond the offset, so that their loss can be told."""
    session.run(
        "UPDATE ingest_stream SET max_seen_size = ?, last_path = ?, last_dev = ?, last_ino = ?, lost_bytes = 0 "
        "WHERE stream_id = ? AND (max_seen_size < ? OR lost_bytes > 0)",
        place.size,
        place.path,
        place.dev,
        place.ino,
        stream_id,
        place.size,
    )


def _enter_ledger(session: Session, step: Advance, counts: Counts) -> None:
    """Extends the run's last row until it covers 1 MiB or a minute; a ledger row a batch would grow like the data."""
    added = ", ".join(f"{name} = {name} + ?" for name in COUNTERS)
    extended = session.run(
        f"UPDATE ingest_batch SET to_off = ?, committed_at = ?, {added} "
        "WHERE stream_id = ? AND to_off = ? AND run_id = ? AND ? - from_off < ? AND begun_at > ?",
        step.end,
        step.now,
        *_values(counts),
        step.stream_id,
        step.start,
        step.run_id,
        step.end,
        MIB,
        step.minute_ago,
    )
    if extended.rowcount == 0:
        names = ", ".join(COUNTERS)
        session.run(
            f"INSERT INTO ingest_batch (stream_id, from_off, to_off, run_id, begun_at, committed_at, {names}) "
            f"VALUES (?, ?, ?, ?, ?, ?, {', '.join('?' * len(COUNTERS))})",
            step.stream_id,
            step.start,
            step.end,
            step.run_id,
            step.now,
            step.now,
            *_values(counts),
        )


def _move_anchors(session: Session, step: Advance, anchors: list[Anchor]) -> None:
    """Writes the new ones; the one at the old offset stays only if it is the first of its bucket."""
    for anchor in anchors:
        session.run(
            "INSERT INTO ingest_anchor (stream_id, off, win, sha256) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (stream_id, off) DO NOTHING",
            step.stream_id,
            anchor.off,
            anchor.win,
            anchor.sha256,
        )
    if step.start == 0:
        return
    first_of_bucket = (
        ""
        if bucket(step.start) == 0
        else " AND EXISTS (SELECT 1 FROM ingest_anchor AS a WHERE a.stream_id = ingest_anchor.stream_id "
        f"AND a.off >= {bucket_start(step.start)} AND a.off < ingest_anchor.off)"
    )
    session.run(
        f"DELETE FROM ingest_anchor WHERE stream_id = ? AND off = ?{first_of_bucket}", step.stream_id, step.start
    )


def _values(counts: Counts) -> list[int]:
    return [getattr(counts, name.removeprefix("n_")) for name in COUNTERS]
