"""`tts-etl mark`: a release, a maintenance, a holiday or a note, drawn on trends and respected by alerts.

A mark's writer_id is derived from its moment, kind, label and instance, and its seq is 1: each run is a writer of its
own unless it says the very same, with the same `--at`, once more. So a deployment that is tried again sets one mark.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from etl.config import zone
from etl.errors import ConfigError
from etl.lines.counts import Counts
from etl.lines.moments import LocalTime, is_suspect, utc_text
from etl.lines.outcomes import Record
from etl.store import days, retention, rows, sources, streams
from etl.store.database import Database
from etl.tail import Head

Kind = Literal["release", "maintenance", "holiday", "note"]

#: Marks have a stream of their own, so that the books know every row; no file is behind it and its offset stays 0.
_SOURCE = "tts-etl mark"


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark as it was set; `inserted` is False where the very same one stood there already."""

    ts: str
    local_at: str
    kind: Kind
    label: str
    instance: str | None
    writer_id: str
    inserted: bool


def mark(database: Database, kind: Kind, label: str, at: str | None, instance: str | None, now: datetime) -> Mark:
    """Sets a mark at `at` (ISO 8601; without an offset it is of the report time zone), at `now` where it is None.

    Raises ConfigError for an empty label, a time that is none, lies outside of 2020 to 2099, or was purged.
    """
    if not label.strip() or "\0" in label + (instance or ""):
        raise ConfigError("a mark needs a label, without NUL", "for example --label 0.2.0")
    database.require_schema()
    with database.transaction("none") as session:
        report_timezone = sources.report_timezone(session)
    ts = utc_text(now) if at is None else _moment(at, report_timezone)
    if is_suspect(ts):
        raise ConfigError(f"{ts} lies outside of 2020 to 2099", "look at --at")
    retention.ensure_partitions(database, [ts[:7]])
    with database.transaction() as session:
        sources.require_unmoved(session, report_timezone)
        purged_before = retention.watermark(session, lock=True)
        if purged_before is not None and ts[:10] < purged_before:
            raise ConfigError(f"all days before {purged_before} were purged for good", "look at --at")
        record = _record(ts, LocalTime(zone(report_timezone)), (kind, label, instance))
        head = Head(hashlib.sha256(_SOURCE.encode()).digest(), 0, cut=False)
        stream_id = streams.create_stream(session, _SOURCE, head, 0, utc_text(now))
        inserted = rows.insert(session, stream_id, [record])
        streams.add_replayed(session, stream_id, Counts(ok=inserted.rows))
        days.add(session, stream_id, inserted.days)
        if inserted.refused:
            raise ConfigError(f"the database refuses the mark: {inserted.refused[0][1]}", "look at --label")
    local_at, writer_id = str(record.values[1]), str(record.values[3])
    return Mark(ts, local_at, kind, label, instance, writer_id, inserted.rows == 1)


def _moment(at: str, report_timezone: str) -> str:
    try:
        found = datetime.fromisoformat(at.strip())
        aware = found.replace(tzinfo=zone(report_timezone)) if found.tzinfo is None else found
        return utc_text(aware)
    except (ValueError, OverflowError) as error:
        raise ConfigError(
            f"{at!r} is no time", "for example --at 2026-11-22T18:30, or with an offset: …+08:00"
        ) from error


def _record(ts: str, local_time: LocalTime, said: tuple[Kind, str, str | None]) -> Record:
    kind, label, instance = said
    line = json.dumps(["tts-etl mark", ts, kind, label, instance], ensure_ascii=False)
    digest = hashlib.sha256(line.encode("utf-8", "surrogatepass"))
    writer_id = digest.hexdigest()[:32]
    head = (ts[:10], local_time.of(ts), ts, writer_id, 1)
    return Record("tts_mark", (*head, instance, kind, label, digest.digest(), 0, None), breaks_law=False)
