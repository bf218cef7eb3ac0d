"""local_at of the rows that are there, recomputed chunk by chunk along the key, with a cursor that outlives a kill."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from etl.errors import EtlError, ZoneMovedError
from etl.lines.moments import utc_text
from etl.store.database import Database, Session
from etl.store.retention import EVENT_TABLES

_STATE = "retime"

#: (event_day, writer_id, seq) of the last row that is done.
Cursor = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a run starts: the zone before, the table and its cursor, and whether an earlier run got there."""

    before: str
    table: str
    cursor: Cursor | None
    resumed: bool


@dataclass(frozen=True, slots=True)
class Chunk:
    """`rows` rows of a table behind the cursor, for a zone."""

    table: str
    cursor: Cursor | None
    rows: int
    timezone: str


@dataclass(frozen=True, slots=True)
class Done:
    """How many rows a chunk had, of how many local_at was another, and the cursor behind it."""

    rows: int
    changed: int
    cursor: Cursor | None


def look(database: Database, timezone: str) -> Begun:
    """Where a run would start, for a dry run: always at the first row."""
    with database.transaction("none") as session:
        return Begun(_setting(session, "report_timezone") or timezone, EVENT_TABLES[0], None, resumed=False)


def begin(database: Database, timezone: str) -> Begun:
    """Changes the zone while no batch is open, or finds where an earlier run to the same zone was stopped."""
    with database.exclusive() as session:
        before = _setting(session, "report_timezone") or timezone
        state = json.loads(_setting(session, _STATE) or "null")
        if state is not None and state["to"] == timezone == before:
            cursor = state["cursor"]
            return Begun(state["from"], state["table"], tuple(cursor) if cursor else None, resumed=True)
        _set(session, "report_timezone", timezone)
        begun = Begun(before, EVENT_TABLES[0], None, resumed=False)
        _set(session, _STATE, json.dumps({"from": before, "to": timezone, "table": begun.table, "cursor": None}))
    return begun


def recompute(database: Database, chunk: Chunk, local_of: Callable[[str], str | None], *, dry_run: bool) -> Done:
    """One chunk, and the cursor behind it, in one transaction. Raises ZoneMovedError if another run took over."""
    with database.transaction("none" if dry_run else "shared") as session:
        if not dry_run:
            _require(session, chunk.timezone)
        where, values = ("WHERE (event_day, writer_id, seq) > (?, ?, ?)", chunk.cursor) if chunk.cursor else ("", ())
        rows = session.run(
            f"SELECT event_day, writer_id, seq, ts, local_at FROM {chunk.table} {where} "
            f"ORDER BY event_day, writer_id, seq LIMIT {chunk.rows}",
            *values,
        ).all()
        changes = [(local, *row[:3]) for row in rows if (local := _local(row, local_of)) != _text(row[4])]
        cursor = (str(rows[-1][0]), str(rows[-1][1]), int(rows[-1][2])) if rows else chunk.cursor
        if not dry_run:
            _update(session, chunk.table, changes)
            state = json.loads(_setting(session, _STATE) or "{}")
            _set(session, _STATE, json.dumps({**state, "table": chunk.table, "cursor": cursor}))
    return Done(len(rows), len(changes), cursor)


def finish(database: Database, timezone: str) -> None:
    with database.transaction() as session:
        _require(session, timezone)
        session.run("DELETE FROM setting WHERE name = ?", _STATE)


def _require(session: Session, timezone: str) -> None:
    now = _setting(session, "report_timezone")
    if now != timezone:
        raise ZoneMovedError(f"the report time zone was changed to {now} meanwhile", "run the one that you want again")


def _local(row: Any, local_of: Callable[[str], str | None]) -> str:
    ts = utc_text(row[3]) if isinstance(row[3], datetime) else str(row[3])
    found = local_of(ts)
    if found is None:
        raise EtlError(f"a row has the unreadable time {ts}", "tts-etl verify")
    return found


def _text(value: Any) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%f") if isinstance(value, datetime) else str(value)


def _update(session: Session, table: str, changes: list[tuple[Any, ...]]) -> None:
    if not changes:
        return
    if session.is_sqlite:
        session.connection.exec_driver_sql(
            f"UPDATE {table} SET local_at = ? WHERE event_day = ? AND writer_id = ? AND seq = ?", changes
        )
        return
    locals_, days, writers, seqs = (list(column) for column in zip(*changes, strict=True))
    session.run(
        f"UPDATE {table} AS t SET local_at = n.local_at FROM unnest(CAST(? AS timestamp[]), CAST(? AS date[]), "
        "CAST(? AS text[]), CAST(? AS bigint[])) AS n(local_at, event_day, writer_id, seq) "
        "WHERE t.event_day = n.event_day AND t.writer_id = n.writer_id AND t.seq = n.seq",
        locals_,
        days,
        writers,
        seqs,
    )


def _setting(session: Session, name: str) -> str | None:
    value = session.run("SELECT value FROM setting WHERE name = ?", name).scalar()
    return None if value is None else str(value)


def _set(session: Session, name: str, value: str) -> None:
    session.run(
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name,
        value,
    )
