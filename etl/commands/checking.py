"""The command that looks for what is wrong: doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from etl.commands.common import print_json
from etl.errors import EtlError
from etl.options import DEFAULT_LOG, host_timezone, settings_of, shared_options


@click.command()
@shared_options
@click.option(
    "--logrotate-config",
    multiple=True,
    type=click.Path(readable=False, path_type=Path),
    metavar="PATH",
    help="Look here as well.",
)
@click.pass_context
def doctor(context: click.RichContext, /, logrotate_config: tuple[Path, ...], **shared: Any) -> None:
    """Check everything around the loader and say how to mend it; exit 1 if a check fails.

    \b
    Example:
        tts-etl doctor --log /var/log/voxmeter/tts.log
    """
    from etl import shown
    from etl.host.doctor import examine
    from etl.host.hosts import Host

    settings = settings_of(context, shared)
    found = examine(settings, settings.logs or (DEFAULT_LOG,), Host(timezone=host_timezone()), logrotate_config)
    failed = [finding.check for finding in found if finding.state == "fail"]
    if settings.json:
        print_json({"ok": not failed, "checks": [finding._asdict() for finding in found]})
    else:
        shown.print_findings(found)
    if failed:
        raise EtlError(f"not well: {', '.join(failed)}", "the last column says how to mend each")
