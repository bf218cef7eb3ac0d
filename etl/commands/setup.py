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
@click.option("--create-roles", is_flag=True, help="PostgreSQL: make the group roles tts_etl, tts_read, tts_owner.")
@click.pass_context
def migrate(context: click.RichContext, /, report_timezone: str | None, *, create_roles: bool, **shared: Any) -> None:
    """Create or upgrade the tables.

    \b
    Example:
        tts-etl migrate --database-url sqlite:///data/tts.db --report-timezone Asia/Shanghai
        tts-etl migrate --create-roles
    """
    from etl.upkeep.schema import migrate as run

    settings = settings_of(context, shared)
    with connected(settings) as database:
        today = datetime.now(UTC).date()
        done = run(database, report_timezone, host_timezone(), today, create_roles=create_roles)
        if settings.json:
            shown = {"before": done.before, "revision": done.after, "report_timezone": done.report_timezone}
            print_json({**shown, "roles": list(done.roles)})
        else:
            click.echo(f"schema {done.after} in {database.shown}, days are cut in {done.report_timezone}", err=True)
            if done.roles:
                click.echo(f"roles {', '.join(done.roles)}: GRANT them to the roles that log in", err=True)
