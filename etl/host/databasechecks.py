"""The checks of doctor that ask the database: reachable, its schema and file, the clocks, the zones, the lag."""

from __future__ import annotations

import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from etl.errors import EtlError
from etl.host.findings import Finding, fail, ok, warn
from etl.host.hosts import Host
from etl.store import health, sources
from etl.store.database import Database, Session
from etl.upkeep.status import live

_QUARTER = timedelta(minutes=15)
_CLOCK_WARN, _CLOCK_FAIL = 2.0, 60.0
_LAG = timedelta(minutes=5)
#: A zone to name for an offset where the host's own doesn't fit.
_OF_OFFSET = ("UTC", "Europe/Berlin", "Asia/Shanghai", "Asia/Tokyo", "Asia/Kolkata", "America/New_York")


def reachable(database: Database) -> Finding:
    """The database answers, and its schema is this version's."""
    try:
        database.require_schema()
    except EtlError as error:
        return fail("database", str(error), error.hint)
    return ok("database", database.shown)


def sqlite_file(path: Path, mode: str, host: Host) -> Finding:
    """Only its user may read the file, a reader stops nobody, and its locks work."""
    rights = stat.S_IMODE(path.stat().st_mode)
    kind = host.network_file_system(path)
    if kind:
        return fail("sqlite file", f"{path} is on {kind}, where its locks fail", "move it to a local disk")
    if mode != "wal":
        return warn("sqlite file", f"journal mode {mode}: readers stop the loader", "tts-etl migrate sets WAL")
    if rights & 0o077:
        return warn("sqlite file", f"{path} has mode {rights:04o}: others may read it", f"chmod 600 {path}*")
    return ok("sqlite file", f"WAL, mode {rights:04o}")


def clocks(session: Session, now: datetime) -> Finding:
    """The database's clock and this host's agree."""
    theirs = health.clock(session)
    if theirs is None:
        return ok("clock", "the database has this host's clock")
    seconds = abs((theirs - now).total_seconds())
    text = f"the database's clock and this host's are {seconds:.1f} s apart"
    if seconds > _CLOCK_WARN:
        return (fail if seconds > _CLOCK_FAIL else warn)("clock", text, "let NTP set both: timedatectl set-ntp true")
    return ok("clock", text)


def zones(session: Session, now: datetime, host_timezone: str) -> Finding:
    """No row lies in the future, no change of the report time zone stopped half way, and days are the host's."""
    name = "time zone"
    report = sources.report_timezone(session)
    if health.setting(session, "retime") is not None:
        return fail(name, "a change of the report time zone stopped half way", f"tts-etl retime --timezone {report}")
    newest = health.newest_row(session)
    if newest is not None and newest.ts - now > _QUARTER / 2:
        return _ahead(newest, newest.ts - now, now, host_timezone)
    if report == "UTC" != host_timezone and newest is not None:
        return warn(name, f"days are cut in UTC, this host is in {host_timezone}", _retime(host_timezone))
    return ok(name, f"days are cut in {report}")


def lag(shown: dict[str, Any], now: datetime) -> Finding:
    """Lines are loaded within minutes, and nothing was lost or passed by."""
    if not shown["sources"]:
        return warn("lag", "nothing was loaded yet", "tts-etl watch, or tts-etl import")
    looked_after = live(shown)
    for source in looked_after:
        last, waiting = source["last_success_at"], source["oldest_unimported_seconds"] or 0
        name = source["source_id"]
        if last is None or now - datetime.fromisoformat(last) > _LAG or waiting > _LAG.total_seconds():
            return fail("lag", f"source {name}: last loaded {last or 'never'}", "does tts-etl watch or import run?")
        if source["last_error"]:
            return warn("lag", f"source {name}: {source['last_error']}", "tts-etl status tells more")
    return ok("lag", f"{sum(source['lag_bytes'] for source in looked_after):,} bytes wait")


def _ahead(newest: health.NewestRow, ahead: timedelta, now: datetime, host_timezone: str) -> Finding:
    quarters = round(ahead / _QUARTER)
    hours = quarters / 4
    text = f"the newest row is {hours:g} hours ahead"
    if not newest.is_older_form:
        return warn("time zone", text, "set the clock of the service that wrote it: its lines carry UTC")
    zone = _zone_at(_QUARTER * quarters, now, host_timezone)
    return warn(
        "time zone",
        f"{text}: set {zone}",
        f"source {newest.source_id} was read in another zone: load its logs with --timezone {zone} into a new database",
    )


def _zone_at(offset: timedelta, now: datetime, host_timezone: str) -> str:
    """A zone that is so far ahead of UTC now: the host's, else a well-known one, else a fixed one."""
    for name in (host_timezone, *_OF_OFFSET):
        if now.astimezone(ZoneInfo(name)).utcoffset() == offset:
            return name
    return f"Etc/GMT-{round(offset / timedelta(hours=1))}"


def _retime(zone: str) -> str:
    return f"if that is not meant: tts-etl retime --timezone {zone}"
