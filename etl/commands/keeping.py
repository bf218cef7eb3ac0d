"""The commands that look after what was loaded: status and purge."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import rich_click as click

from etl.commands.common import connected, print_json
from etl.config import duration
from etl.errors import EtlError
from etl.options import settings_of, shared_options


@click.command()
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
    from etl.upkeep.status import lags
    from etl.upkeep.status import status as figures

    settings = settings_of(context, shared)
    limit = duration(fail_if_lag) if fail_if_lag else None
    now = datetime.now(UTC)
    with connected(settings) as database:
        found = figures(database, now)
    if settings.json:
        print_json(found)
    else:
        shown.print_status(found)
    if limit is not None and not found["sources"]:
        raise EtlError("nothing was ever loaded", "does tts-etl watch or import run?")
    late = lags(found, limit, now) if limit is not None else []
    if late:
        raise EtlError(f"more than {fail_if_lag} behind: {', '.join(late)}", "does tts-etl watch or import run?")


@click.command()
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
    from etl.upkeep.purge import purge as run

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
