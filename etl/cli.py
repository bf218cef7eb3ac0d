"""The commands of tts-etl: each takes its options, calls the loader and shows what came of it."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import rich_click as click

from etl.config import Settings, duration
from etl.errors import BusyError, EtlError
from etl.options import DEFAULT_LOG, group_options, host_timezone, settings_of, shared_options
from etl.store.database import Database


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="voxmeter")
@group_options
@click.pass_context
def tts_etl(context: click.RichContext, /, **shared: Any) -> None:
    """Load every line of the speech log into SQL exactly once."""
    context.obj = {name: value for name, value in shared.items() if value not in (None, ())}


@contextmanager
def connected(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


@tts_etl.command()
@shared_options
@click.option("--report-timezone", metavar="ZONE", help="Zone that days are cut in, at the first time. [this host's]")
@click.pass_context
def migrate(context: click.RichContext, /, report_timezone: str | None, **shared: Any) -> None:
    """Create or upgrade the tables.

    \b
    Example:
        tts-etl migrate --database-url sqlite:///data/tts.db --report-timezone Asia/Shanghai
    """
    from etl.schema import migrate as run

    settings = settings_of(context, shared)
    with connected(settings) as database:
        done = run(database, report_timezone, host_timezone(), datetime.now(UTC).date())
        if settings.json:
            print_json({"before": done.before, "revision": done.after, "report_timezone": done.report_timezone})
        else:
            click.echo(f"schema {done.after} in {database.shown}, days are cut in {done.report_timezone}", err=True)


@tts_etl.command("import")
@shared_options
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--skip-if-running", is_flag=True, help="Exit with 0 instead of 75 when another import or watch runs.")
@click.pass_context
def import_(context: click.RichContext, /, paths: tuple[str, ...], skip_if_running: bool, **shared: Any) -> None:
    """Load what is new in the log files, rotated and compressed ones too: one pass.

    \b
    Example:
        tts-etl import                       the configured log
        tts-etl import /var/log/tts/tts.log  this one and what it was rotated to
    """
    from etl import runs, shown

    settings = settings_of(context, shared)
    wanted = paths or settings.logs or (DEFAULT_LOG,)
    around = runs.Surroundings(host_timezone=host_timezone())
    with connected(settings) as database:
        try:
            report = runs.import_once(database, settings, wanted, around)
        except BusyError as error:
            if not skip_if_running:
                raise
            click.echo(f"skipped: {error}", err=True)
            if settings.json:
                print_json({"skipped": True, "files": [], "inserted": 0})
            return
    shown.print_pass(report, as_json=settings.json, verbose=settings.verbose)
    runs.raise_trouble(report, wanted)


@tts_etl.command()
@shared_options
@click.argument("paths", nargs=-1, type=click.Path())
@click.pass_context
def watch(context: click.RichContext, /, paths: tuple[str, ...], **shared: Any) -> None:
    """Load lines as they are written, until SIGTERM or Ctrl-C.

    \b
    Example:
        tts-etl watch --log /var/log/tts/tts.log
    """
    from etl import follow, locks, runs

    settings = settings_of(context, shared)
    wanted = paths or settings.logs or (DEFAULT_LOG,)
    wake, stop = threading.Event(), threading.Event()

    def end(*_: object) -> None:
        stop.set()
        wake.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    around = runs.Surroundings(host_timezone=host_timezone(), stop=stop.is_set)
    with connected(settings) as database, locks.only_loader(settings.state_folder, settings.source_id):
        follower = follow.Follower(database, settings, wanted, around, lambda text: click.echo(text, err=True))
        click.echo(f"watching {', '.join(wanted)} into {database.shown}", err=True)
        follow.follow(follower, wanted, wake, stop)
        if settings.json:
            print_json({"inserted": follower.rows})


@tts_etl.command()
@shared_options
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="First day, of the report time zone.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Last day, of the report time zone.")
@click.option("--dry-run", is_flag=True, help="Say what would be loaded; change nothing.")
@click.option("--accept", is_flag=True, help="Load a file also if more than half of its first lines are no requests.")
@click.option("--salvage", is_flag=True, help="Of a broken archive load what can be read.")
@click.pass_context
def backfill(
    context: click.RichContext,
    /,
    paths: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    **options: Any,
) -> None:
    """Load archives, in any order and however they overlap.

    \b
    Example:
        tts-etl backfill archive/ old/tts-2025-*.log.gz
        tts-etl backfill archive/ --since 2026-01-01 --until 2026-03-31
    """
    from etl import files, runs, shown
    from etl.batch import Days
    from etl.ingest import Reading

    settings = settings_of(context, options)
    reading = Reading(
        days=Days(since.date() if since else None, until.date() if until else None),
        **{name: bool(options[name]) for name in ("dry_run", "accept", "salvage")},
    )
    with connected(settings) as database:
        found = files.discover(paths, rotated=False)
        with shown.progress_bar(found, quiet=settings.json) as progress:
            around = runs.Surroundings(host_timezone=host_timezone(), progress=progress)
            report = runs.backfill(database, settings, paths, reading, around)
    shown.print_pass(report, as_json=settings.json, verbose=True)
    runs.raise_trouble(report, paths)


@tts_etl.command()
@shared_options
@click.option("--fail-if-lag", metavar="5m", help="Exit with 1 if unread lines or the last success are older.")
@click.pass_context
def status(context: click.RichContext, /, fail_if_lag: str | None, **shared: Any) -> None:
    """Show what was loaded, what waits and what was refused, by source.

    \b
    Example:
        tts-etl status --fail-if-lag 5m
    """
    from etl import shown
    from etl.status import lags
    from etl.status import status as figures

    settings = settings_of(context, shared)
    limit = duration(fail_if_lag) if fail_if_lag else None
    now = datetime.now(UTC)
    with connected(settings) as database:
        found = figures(database, now)
    if settings.json:
        print_json(found)
    else:
        shown.print_status(found)
    late = lags(found, limit, now) if limit is not None else []
    if late:
        raise EtlError(f"more than {fail_if_lag} behind: {', '.join(late)}", "does tts-etl watch or import run?")


@tts_etl.command()
@shared_options
@click.option("--older-than", required=True, metavar="90d", help="Age of what goes, from the newest day on.")
@click.option("--dry-run", is_flag=True, help="Say what would go; change nothing.")
@click.option("--force", is_flag=True, help="Also if more than half of all rows would go.")
@click.pass_context
def purge(context: click.RichContext, /, older_than: str, dry_run: bool, force: bool, **shared: Any) -> None:
    """Delete what is older than an age, for good: no later import brings it back.

    \b
    Example:
        tts-etl purge --older-than 90d --dry-run
    """
    from etl.purge import purge as run

    settings = settings_of(context, shared)
    with connected(settings) as database:
        done = run(database, duration(older_than), datetime.now(UTC).date(), dry_run=dry_run, force=force)
    if settings.json:
        print_json(asdict(done))
        return
    went = ", ".join(f"{number:,} {table}" for table, number in done.rows.items()) or "nothing"
    click.echo(f"{'would go' if dry_run else 'gone'}: {went}, {done.quarantined:,} quarantined")
    if done.before:
        click.echo(f"of days before {done.before}; {len(done.partitions)} whole partitions dropped", err=True)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))


def main() -> None:
    """The entry point: an error of ours is one line and a hint on stderr, and its exit code."""
    try:
        tts_etl(standalone_mode=True)
    except EtlError as error:
        click.echo(f"error: {error}", err=True)
        if error.hint:
            click.echo(f"hint: {error.hint}", err=True)
        sys.exit(error.exit_code)
