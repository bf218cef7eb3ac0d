"""`drift` and `verify`: who moved, and whether what was applied works."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rich_click as click

from redash.commands.connecting import note, opened, server_options
from redash.errors import WrongUse
from redash.home.drift import drift, exit_code
from redash.options import json_option
from redash.shown.checks import checks_text, drift_markdown, drift_text, junit
from redash.sync.survey import survey
from redash.sync.verify import Check, verify


@click.command("drift")
@server_options
@click.option("--format", "format_", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.option("--detailed-exitcode", is_flag=True, help="0 none, 10 only the files moved, 11 somebody was in Redash.")
@click.pass_context
def drift_command(context: click.RichContext, /, format_: str, detailed_exitcode: bool, **own: Any) -> None:
    """Tell edits made in Redash from changes that are pending in the files. Reads only.

    \b
    Example:
      tts-redash drift --environment local
      tts-redash drift --format markdown --detailed-exitcode
    """
    with opened(context, own) as at:
        drifted = drift(survey(at.api, at.session, at.pack, at.name, at.environment, thorough=True))
    if format_ == "json":
        click.echo(json.dumps([asdict(one) for one in drifted], ensure_ascii=False))
    else:
        click.echo(drift_text(drifted) if format_ == "text" else drift_markdown(drifted))
    context.exit(exit_code(drifted) if detailed_exitcode else 0)


@click.command("verify")
@server_options
@click.option(
    "--junit", "junit_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="As JUnit's XML."
)
@click.option("--no-wait", is_flag=True, help="Don't wait 35 seconds for the scheduler to look at the schedules.")
@json_option
@click.pass_context
def verify_command(
    context: click.RichContext, /, junit_file: Path | None, no_wait: bool, as_json: bool, **own: Any
) -> None:
    """Prove that what was applied works: it is published, its queries run, its schedules live, its alerts know their state.

    \b
    Example:
      tts-redash verify --environment local
      tts-redash verify --junit verify.xml
    """
    checks: list[Check] = []
    with opened(context, own) as at:
        seen = survey(at.api, at.session, at.pack, at.name, at.environment)
        for check in verify(at.api, seen, at.pack, datetime.now(UTC), wait=time.sleep, tick=not no_wait):
            checks.append(check)
            if check.what == "run":
                note(f"run {check.key}: {check.trouble or f'{check.seconds:.1f} s'}")
    if junit_file is not None:
        try:
            junit_file.write_text(junit(checks), encoding="utf-8")
        except OSError as error:
            raise WrongUse(f"can't write {junit_file}: {error.strerror}", "does the folder exist?") from error
    click.echo(json.dumps([asdict(one) for one in checks]) if as_json else checks_text(checks))
    context.exit(1 if any(one.trouble for one in checks) else 0)
