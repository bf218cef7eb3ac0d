"""`tts-etl quarantine reprocess`: lines that could not become rows are tried again (etl.md, D9).

Each line has a transaction of its own: decode, insert by key, mark. Nothing is deleted, and twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Literal

from etl.config import zone
from etl.errors import ConfigError, EtlError
from etl.lines.moments import utc_text
from etl.lines.outcomes import Glued, Outcome, Record, Reject
from etl.lines.records import Decoder
from etl.store import days, held, retention, rows, sources, streams
from etl.store.database import Database, Session
from etl.store.held import Held, Wanted
from etl.tail import Head

Became = Literal[
    "inserted",
    "loaded_already",
    "skipped",
    "still_bad",
    "key_conflict",
    "expired",
    "erased",
    "not_reprocessable",
    "settled_before",
]

_NEVER = {
    "key_conflict": "its key has a row with another line, and the first one stays",
    "too_long": "only its first 64 KiB were kept",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a line in quarantine, which was of `kind` before."""

    id: int
    kind: str
    became: Became
    detail: str


@dataclass(frozen=True, slots=True)
class Around:
    """What a reprocessing takes from outside; `reached` is called at each step of a transaction."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    host_timezone: str = "UTC"
    loader_version: str = version("voxmeter")
    reached: Callable[[str], None] = lambda _step: None


class _NoPreambleError(EtlError):
    """A line of an older form, of which it isn't known in which stream it stood. Never leaves this module."""


def reprocess(database: Database, wanted: Wanted, around: Around) -> list[Result]:
    """Tries the wanted lines that are open, and those named by number that were discarded.

    Raises SchemaError, and ConfigError for a number that no line has.
    """
    database.require_schema()
    again = Reprocessor(database, around)
    with database.transaction("none") as session:
        require_known(session, wanted.ids)
        numbers = held.numbers(session, wanted)
    return [again.one(number) for number in numbers]


def discard(database: Database, ids: Sequence[int], now: str) -> int:
    """Marks open lines as discarded, all or none; returns how many were open. Raises ConfigError for a wrong number."""
    database.require_schema()
    with database.transaction() as session:
        require_known(session, ids)
        found = (held.locked(session, number) for number in sorted(set(ids)))
        opened = [one for one in found if one is not None and one.status == "open"]
        for one in opened:
            held.settle(session, one.q_id, "discarded", now)
    return len(opened)


def require_known(session: Session, ids: Sequence[int]) -> None:
    """Raises ConfigError unless each number is that of a line."""
    if unknown := held.missing(session, ids):
        raise ConfigError(
            f"no line in quarantine has the number {', '.join(map(str, unknown))}",
            "tts-etl quarantine list shows them",
        )


class Reprocessor:
    """Tries lines again, each in a transaction of its own."""

    def __init__(self, database: Database, around: Around) -> None:
        self._database = database
        self._around = around
        with database.transaction("none") as session:
            self._report_zone = sources.report_timezone(session)
        self._decoders: dict[str, Decoder] = {}

    def one(self, q_id: int) -> Result:
        """Tries one line. Raises SchemaMovedError or ZoneMovedError if the database is no longer what it was."""
        with self._database.transaction("none") as session:
            seen = held.find(session, Wanted(ids=(q_id,)), with_raw=True)[0]
        if seen.status not in ("open", "discarded"):
            return Result(q_id, seen.kind, "settled_before", f"it is {seen.status}")
        if seen.kind in _NEVER or not seen.is_whole:
            return Result(q_id, seen.kind, "not_reprocessable", _NEVER.get(seen.kind, _NEVER["too_long"]))
        decoder = self._decoder(seen.source_id)
        try:
            outcome, stream_id = self._decode(decoder, seen)
        except _NoPreambleError as error:
            return Result(q_id, seen.kind, "not_reprocessable", str(error))
        self._make_partition(outcome)
        return self._settle(seen, outcome, stream_id)

    def _settle(self, seen: Held, outcome: Outcome, stream_id: int | None) -> Result:
        """The transaction: what the line is now, and what is said of it."""
        with self._database.transaction() as session:
            self._around.reached("begun")
            sources.require_unmoved(session, self._report_zone)
            # The stream first, as a batch does: two that wait for one another would both stop.
            place = stream_id if stream_id is not None else self._new_stream(session, seen)
            streams.lock(session, place)
            now = held.locked(session, seen.q_id)
            if now is None or (now.status, now.raw) != (seen.status, seen.raw):
                return Result(seen.q_id, seen.kind, "settled_before", "another command took it meanwhile")
            became, detail = self._apply(session, seen, outcome, place)
            self._around.reached("marked")
        self._around.reached("committed")
        return Result(seen.q_id, seen.kind, became, detail)

    def _apply(self, session: Session, seen: Held, outcome: Outcome, stream_id: int) -> tuple[Became, str]:
        if isinstance(outcome, Reject):
            held.note_failure(session, seen, (outcome.kind, outcome.error), self._around.loader_version)
            return "still_bad", f"{outcome.kind}: {outcome.error}"
        if not isinstance(outcome, Record | Glued):
            held.settle(session, seen.q_id, "resolved", self._now())
            return "skipped", "it is no request line"
        record = outcome.record if isinstance(outcome, Glued) else outcome
        purged_before = retention.watermark(session, lock=True)
        if purged_before is not None and record.event_day < purged_before:
            return "expired", f"its day was purged: everything before {purged_before}"
        if retention.erased(session, [record.key]):
            held.erase(session, seen.q_id, self._now())
            return "erased", "its row was erased for good"
        return self._insert(session, seen, (record, isinstance(outcome, Glued)), stream_id)

    def _insert(self, session: Session, seen: Held, found: tuple[Record, bool], stream_id: int) -> tuple[Became, str]:
        record, glued = found
        done = rows.insert(session, stream_id, [record])
        self._around.reached("inserted")
        if done.conflicts:
            cause = ("key_conflict", "its key has a row with another line")
            held.note_failure(session, seen, cause, self._around.loader_version)
            return "key_conflict", cause[1]
        if done.refused:
            cause = ("db_rejected", done.refused[0][1])
            held.note_failure(session, seen, cause, self._around.loader_version)
            return "still_bad", cause[1]
        days.add(session, stream_id, done.days)
        streams.add_reprocessed(session, stream_id, done.rows)
        held.settle(session, seen.q_id, "resolved", self._now())
        what = "the line behind the torn one" if glued else "its row"
        return ("inserted", f"{what} went in") if done.rows else ("loaded_already", f"{what} was there")

    def _decode(self, decoder: Decoder, seen: Held) -> tuple[Outcome, int | None]:
        """What the line is by today's decoder, and its stream (None: no stream is left)."""
        with self._database.transaction("none") as session:
            known = streams.of_line(session, seen.source_id, seen.head_sha256)
            stream_id = seen.stream_id if seen.stream_id in known else known[0] if known else None
            certain = stream_id is not None and (seen.stream_id == stream_id or len(known) == 1)
            stored = streams.preamble(session, stream_id) if stream_id is not None and certain else None

        def preamble() -> bytes:
            if stored is None:
                raise _NoPreambleError("which file of older lines it stood in was not kept: backfill that file")
            return stored

        return decoder.decode(seen.raw, seen.offset, preamble), stream_id

    def _new_stream(self, session: Session, seen: Held) -> int:
        return streams.create_stream(session, seen.source_id, Head(seen.head_sha256, 0, cut=False), 0, self._now())

    def _make_partition(self, outcome: Outcome) -> None:
        record = outcome.record if isinstance(outcome, Glued) else outcome
        if not isinstance(record, Record):
            return
        retention.ensure_partitions(self._database, [record.event_day[:7]])

    def _decoder(self, source_id: str) -> Decoder:
        if source_id not in self._decoders:
            name = sources.settle_timezone(self._database, source_id, None, self._around.host_timezone)
            self._decoders[source_id] = Decoder(zone(name), zone(self._report_zone))
        return self._decoders[source_id]

    def _now(self) -> str:
        return utc_text(self._around.clock())
