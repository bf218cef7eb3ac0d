"""The runs of the loader, put together from settings: import, backfill, and the passes of watch."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from etl.config import Settings, zone
from etl.errors import ConfigError, NotALogError
from etl.lines.counts import Counts
from etl.lines.moments import utc_text
from etl.lines.records import Decoder
from etl.loading.batch import Run
from etl.loading.ingest import FileReport, Ingest, PassReport, Reading
from etl.loading.locks import only_loader
from etl.printable import storable
from etl.reading import files
from etl.store import retention, sources
from etl.store.database import Database

Progress = Callable[[FileReport, Counts], None]
_AS_WRITTEN = Reading()


def nothing(*_: object) -> None:
    """What is called where nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run takes from outside: the clock, the host's time zone, who is told of progress, and when to stop."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    host_timezone: str = "UTC"
    progress: Progress = nothing
    stop: Callable[[], bool] = lambda: False
    reached: Callable[[str], None] = nothing


class Runner:
    """Runs passes of one source on a database whose schema has been checked; a `dry_run` writes nothing.

    Raises SchemaError if the schema isn't ours, ConfigError for a time zone that can't be the source's.
    """

    def __init__(self, database: Database, settings: Settings, around: Surroundings, *, dry_run: bool = False) -> None:
        self._database = database
        self._settings = settings
        self._around = around
        self._run = Run(settings.source_id, uuid.uuid4().hex, version("voxmeter"), around.clock, around.reached)
        database.require_schema()
        zone_name = sources.settle_timezone(
            database, settings.source_id, settings.timezone, around.host_timezone, dry_run=dry_run
        )
        with database.transaction("none") as session:
            report_zone = sources.report_timezone(session)
        self._decoder = Decoder(zone(zone_name), zone(report_zone))
        if not dry_run:
            retention.ensure_partitions(database, retention.months_ahead(around.clock().date()))

    def require_unmoved(self) -> None:
        """Raises SchemaMovedError or ZoneMovedError if the database is no longer what this run began with."""
        with self._database.transaction("none") as session:
            sources.require_unmoved(session, self._decoder.report_timezone)

    def read(self, paths: Sequence[Path], reading: Reading) -> PassReport:
        """One pass over these files."""
        ingest = Ingest(self._database, self._decoder, self._run, reading)
        ingest.progress = self._around.progress
        ingest.stop = self._around.stop
        return ingest.one_pass(paths)

    def close_pass(self, report: PassReport, folders: Sequence[Path], watch: str | None) -> None:
        """Tells the database what the pass found."""
        lagging = [file for file in report.files if file.lag_bytes]
        oldest = min((file.mtime_ns for file in lagging), default=None)
        troubles = [report.trouble] if report.trouble else []
        troubles += [f"{file.path.name}: {file.reason or file.state}" for file in troubled(report)]
        end = sources.PassEnd(
            now=utc_text(self._around.clock()),
            lag_bytes=report.lag_bytes,
            oldest_unimported_at=None if oldest is None else utc_text(datetime.fromtimestamp(oldest / 1e9, UTC)),
            not_ready_archives=len(report.of_state("not_ready")),
            error=storable("; ".join(troubles))[:500] or None,
            watch=watch,
        )
        sources.end_pass(self._database, self._settings.source_id, end)
        if folders:
            sources.note_losses(self._database, self._settings.source_id, report.streams, folders)


def troubled(report: PassReport) -> list[FileReport]:
    """The files that could not be read or are no log."""
    return [*report.of_state("unreadable"), *report.of_state("no_log")]


def import_once(
    database: Database,
    settings: Settings,
    paths: Sequence[str],
    around: Surroundings,
    reading: Reading = _AS_WRITTEN,
) -> PassReport:
    """One pass over files, folders and globs, with what they were rotated to.

    Raises BusyError, and ConfigError for a path that is missing; `raise_trouble` says what else went wrong.
    """
    runner = Runner(database, settings, around)
    with only_loader(settings.state_folder, settings.source_id):
        report = runner.read(files.discover(paths, rotated=True), reading)
        runner.close_pass(report, files.folders(paths), None)
    return report


def backfill(
    database: Database, settings: Settings, paths: Sequence[str], reading: Reading, around: Surroundings
) -> PassReport:
    """A pass over given archives, beside any watch. Raises ConfigError for a path that is missing."""
    runner = Runner(database, settings, around, dry_run=reading.dry_run)
    return runner.read(files.discover(paths, rotated=False), reading)


def raise_trouble(report: PassReport, paths: Sequence[str]) -> None:
    """Raises ConfigError for an unreadable file, NotALogError for a named one that is no log (others were loaded)."""
    named = {Path(path).absolute() for path in paths}
    for file in troubled(report):
        if file.state == "unreadable":
            raise ConfigError(f"can't read {file.path}: {file.reason}", "give its reader the right to read it")
        if file.path.absolute() in named:
            raise NotALogError(file.reason, "load it all the same with tts-etl backfill --accept")
