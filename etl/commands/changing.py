"""The commands that change what stands beside the lines: mark, retime, clients and adopt-table."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rich_click as click

from etl.commands.common import connected, print_json
from etl.options import host_timezone, remember, settings_of, shared_options


@click.command()
@shared_options
@click.option("--kind", required=True, type=click.Choice(["release", "maintenance", "holiday", "note"]))
@click.option("--label", required=True, metavar="TEXT", help="What is drawn beside it.")
@click.option("--at", metavar="TIME", help="ISO 8601; without an offset of the report time zone. [now]")
@click.option("--instance", metavar="NAME", help="The service that it is about. [all]")
@click.pass_context
def mark(
    context: click.RichContext, /, kind: Any, label: str, at: str | None, instance: str | None, **shared: Any
) -> None:
    """Set a mark that trends show and alerts respect. The very same mark at the same --at is set once.

    \b
    Example:
        tts-etl mark --kind release --label 0.2.0
        tts-etl mark --kind holiday --label "National Day" --at 2026-10-01T00:00
    """
    from etl.upkeep.marks import mark as run

    settings = settings_of(context, shared)
    with connected(settings) as database:
        done = run(database, kind, label, at, instance, datetime.now(UTC))
    if settings.json:
        print_json(asdict(done))
    else:
        click.echo(f"{'marked' if done.inserted else 'marked already'}: {kind} {label} at {done.local_at}", err=True)


@click.command()
@shared_options
@click.option("--dry-run", is_flag=True, help="Say how many rows would change; change nothing.")
@click.pass_context
def retime(context: click.RichContext, /, *, dry_run: bool, **shared: Any) -> None:
    """Cut days in another time zone: --timezone is the new report time zone here.

    Rows follow in chunks beside a running watch; after an interruption the same command goes on.

    \b
    Example:
        tts-etl retime --timezone Asia/Shanghai --dry-run
    """
    from etl.upkeep.retime import retime as run

    settings = settings_of(context, shared)
    # TTS_TIMEZONE is the zone of older lines: only what is said on the command line can mean this.
    source = context.parent.get_parameter_source("timezone") if context.parent else None
    said = shared.get("timezone") or (source is not None and source.name == "COMMANDLINE")
    if not said or settings.timezone is None:
        raise click.UsageError("Missing option '--timezone'.", context)
    with connected(settings) as database:
        done = run(database, settings.timezone, dry_run=dry_run)
    if settings.json:
        print_json(asdict(done))
        return
    verb = "would change" if dry_run else "changed"
    click.echo(f"{done.before} to {done.after}: {done.changed:,} of {done.rows:,} rows {verb}", err=True)


@click.group()
@shared_options
@click.pass_context
def clients(context: click.RichContext, /, **shared: Any) -> None:
    """Give clients their names.

    \b
    Example:
        tts-etl clients import clients.csv
    """
    remember(context, shared)


@clients.command("import")
@shared_options
@click.argument("file", type=click.Path(readable=False, path_type=Path))
@click.pass_context
def clients_import(context: click.RichContext, /, file: Path, **shared: Any) -> None:
    """Read a CSV file with the columns client_hash, customer and department: all of it, or nothing.

    On PostgreSQL only the role tts_owner may read the labels.

    \b
    Example:
        tts-etl clients import clients.csv
    """
    from etl.upkeep.clients import import_clients

    settings = settings_of(context, shared)
    with connected(settings) as database:
        done = import_clients(database, file)
    if settings.json:
        print_json(asdict(done))
    else:
        click.echo(f"{done.inserted:,} new, {done.updated:,} changed, {done.unchanged:,} as before", err=True)


@click.command("adopt-table")
@shared_options
@click.option("--dry-run", is_flag=True, help="Say what would become of the rows; change nothing.")
@click.pass_context
def adopt_table(context: click.RichContext, /, *, dry_run: bool, **shared: Any) -> None:
    """Take over a table tts_logs that an earlier script filled: it is renamed to tts_logs_adopted and stays.

    --timezone is that of its times. Lines that the script inserted again and again are taken once. Where you still
    have the log files, tts-etl backfill tells more; do one or the other, or each request is there twice.

    \b
    Example:
        tts-etl adopt-table --timezone Asia/Shanghai --dry-run
    """
    from etl.upkeep.adopt import adopt

    settings = settings_of(context, shared)
    host = host_timezone()
    with connected(settings) as database:
        done = adopt(database, (settings.timezone or host, host), datetime.now(UTC), dry_run=dry_run)
    if settings.json:
        print_json(asdict(done))
        return
    click.echo(
        f"{done.rows:,} rows of times in {done.timezone}: {done.inserted:,} {'would be ' if dry_run else ''}taken over, "
        f"{done.repeated:,} repeated ones dropped, {done.present:,} there already, {done.refused:,} unreadable, "
        f"{done.expired:,} of purged days",
        err=True,
    )
