"""The commands that make the database ready: migrate."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import rich_click as click

from etl.commands.common import connected, print_json
from etl.options import host_timezone, settings_of, shared_options


@click.command()
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
