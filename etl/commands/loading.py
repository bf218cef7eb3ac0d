"""The commands that load lines: import, watch and backfill."""

from __future__ import annotations

import signal
import threading
from datetime import datetime
from typing import Any

import rich_click as click

from etl.commands.common import connected, print_json
from etl.errors import BusyError
from etl.options import DEFAULT_LOG, host_timezone, settings_of, shared_options


@click.command("import")
@shared_options
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@click.option("--skip-if-running", is_flag=True, help="Exit with 0 instead of 75 when another import or watch runs.")
@click.pass_context
def import_(context: click.RichContext, /, paths: tuple[str, ...], skip_if_running: bool, **shared: Any) -> None:
    """Load what is new in the log files, rotated and compressed ones too: one pass.

    \b
    Example:
        tts-etl import                       the configured log
        tts-etl import /var/log/tts/tts.log  this one and what it was rotated to
    """
    from etl import shown
    from etl.loading import runs

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


@click.command()
@shared_options
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@click.pass_context
def watch(context: click.RichContext, /, paths: tuple[str, ...], **shared: Any) -> None:
    """Load lines as they are written, until SIGTERM or Ctrl-C.

    \b
    Example:
        tts-etl watch --log /var/log/tts/tts.log
    """
    from etl.loading import follow, locks, runs

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


@click.command()
@shared_options
@click.argument("paths", nargs=-1, required=True, type=click.Path(readable=False))
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
    from etl import shown
    from etl.loading import runs
    from etl.loading.batch import Days
    from etl.loading.ingest import Reading
    from etl.reading import files

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
