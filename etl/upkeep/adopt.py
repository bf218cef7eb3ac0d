"""`tts-etl adopt-table`: a table tts_logs that an earlier script filled is renamed, and its rows are taken over once.

Each row is read as the line of the first form that it came from, so its writer_id follows from its five values, and
its seq tells equal lines apart: a second run finds every key there. First the renaming and the schema are one
transaction, then all rows are one: after a kill in between the same command goes on.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from etl.config import zone
from etl.errors import ConfigError
from etl.lines.counts import Counts
from etl.lines.moments import utc_text
from etl.lines.outcomes import Record
from etl.lines.records import Decoder
from etl.store import adopted, days, retention, rows, sources, streams
from etl.store.database import Database, Session
from etl.tail import Head
from etl.upkeep import schema

#: The adopted rows have a stream of their own; no file is behind it and its offset stays 0.
SOURCE = "tts_logs_adopted"


@dataclass(frozen=True, slots=True)
class Adoption:
    """What became of the rows: `repeated` were the script's own re-insertions, `refused` can't be read as a request."""

    rows: int
    inserted: int
    present: int
    repeated: int
    refused: int
    expired: int
    timezone: str
    dry_run: bool


@dataclass(slots=True)
class _Parts:
    """The parts of records, and what was counted on the way."""

    kept: int = 0
    refused: int = 0
    expired: int = 0
    inserted: int = 0


def adopt(database: Database, zones: tuple[str, str], now: datetime, *, dry_run: bool) -> Adoption:
    """Takes the rows over. `zones` are that of the script's times and, for a first migrate, the report time zone.

    Raises ConfigError where there is no such table, and what `migrate` raises.
    """
    timezone = zone(zones[0])
    if database.is_missing():
        # Connecting would make an empty file, for all to read.
        raise ConfigError(f"there is no database {database.path}", "name the one that the script wrote: --database-url")
    with database.transaction("none") as session:
        found = adopted.find(session)
        total = adopted.total(session, found.table)
    if dry_run:
        parts = _look(database, found.table, timezone)
    else:
        if found.to_rename:
            schema.migrate(database, None, zones[1], now.date(), before=adopted.rename)
        database.require_schema()
        parts = _take_over(database, timezone, now)
    repeated = total - parts.kept
    present = parts.kept - parts.refused - parts.expired - parts.inserted
    return Adoption(total, parts.inserted, present, repeated, parts.refused, parts.expired, timezone.key, dry_run)


def _look(database: Database, table: str, timezone: ZoneInfo) -> _Parts:
    parts = _Parts()
    decoder = Decoder(timezone, ZoneInfo("UTC"))
    with database.transaction("none") as session:
        for found in adopted.rows(session, table):
            parts.inserted += len(_records(found, decoder, parts))
    return parts


def _take_over(database: Database, timezone: ZoneInfo, now: datetime) -> _Parts:
    with database.transaction("none") as session:
        decoder = Decoder(timezone, zone(sources.report_timezone(session)))
        scanned = _Parts()
        months = {
            record.event_day[:7]
            for found in adopted.rows(session, adopted.ADOPTED)
            for record in _records(found, decoder, scanned)
        }
    retention.ensure_partitions(database, months)
    parts = _Parts()
    with database.transaction() as session:
        sources.require_unmoved(session, decoder.report_timezone)
        head = Head(hashlib.sha256(SOURCE.encode()).digest(), 0, cut=False)
        stream_id = streams.create_stream(session, SOURCE, head, 0, utc_text(now))
        for found in adopted.rows(session, adopted.ADOPTED):
            _insert(session, stream_id, _records(found, decoder, parts), parts)
    return parts


def _insert(session: Session, stream_id: int, records: list[Record], parts: _Parts) -> None:
    purged_before = retention.watermark(session, lock=True) or ""
    kept = [record for record in records if record.event_day >= purged_before]
    gone = retention.erased(session, [record.key for record in kept])
    kept = [record for record in kept if record.key not in gone]
    parts.expired += len(records) - len(kept)
    inserted = rows.insert(session, stream_id, kept)
    parts.refused += len(inserted.refused)
    parts.inserted += inserted.rows
    streams.add_replayed(session, stream_id, Counts(ok=inserted.rows))
    days.add(session, stream_id, inserted.days)


def _records(found: list[Any], decoder: Decoder, parts: _Parts) -> list[Record]:
    """The rows as records; what is no request is counted as refused and stays in the renamed table only."""
    outcomes = [decoder.decode(line(*row[:5]), int(row[5]), _preamble) for row in found]
    records = [outcome for outcome in outcomes if isinstance(outcome, Record)]
    parts.kept += len(found)
    parts.refused += len(found) - len(records)
    return records


def _preamble() -> bytes:
    return hashlib.sha256(SOURCE.encode()).digest()


def line(timestamp: Any, text_length: Any, emotion: Any, response_time: Any, success: Any) -> bytes:
    """The line of the first form that a row came from; of a row that came from none, text that no decoder reads."""
    at = timestamp.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(timestamp, datetime) else str(timestamp)
    at = at.removesuffix(".000000").replace("T", " ")
    seconds = "" if response_time is None else f"{Decimal(str(response_time)):f}"
    done = {1: "True", 0: "False"}.get(success, str(success))
    text = f"[{at}] INFO - TextLen={text_length}, Emotion={emotion}, Duration={seconds}s, Success={done}"
    return text.encode("utf-8", "surrogatepass")
