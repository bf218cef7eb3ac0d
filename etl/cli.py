"""The command tts-etl: reads options and environment, calls the loader, shows what came of it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click
from tzlocal import get_localzone_name

from etl.config import Settings
from etl.errors import EtlError

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_URL = "sqlite:///data/tts.db"
DEFAULT_LOG = "logs/tts.log"


def shared_options(command: F) -> F:
    """The options that the group and each command take; the command's value wins."""
    options = (
        click.option("--database-url", envvar="TTS_DATABASE_URL", metavar="URL", help=f"Default: {DEFAULT_URL}"),
        click.option("--log", "logs", envvar="TTS_LOG", multiple=True, metavar="PATH", help="File, folder or glob."),
        click.option(
            "--source-id", envvar="TTS_SOURCE_ID", metavar="NAME", help="Which host's files. Default: default"
        ),
        click.option("--timezone", envvar="TTS_TIMEZONE", metavar="ZONE", help="Time zone of lines of older forms."),
        click.option("--json", "as_json", is_flag=True, default=None, help="Print the result as JSON."),
        click.option("--verbose", is_flag=True, default=None, help="Say more on stderr."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def settings_of(context: click.RichContext, own: dict[str, Any]) -> Settings:
    """The group's values, over them the command's own."""
    group = context.obj or {}
    merged = {**group, **{name: value for name, value in own.items() if value not in (None, ())}}
    url = merged.get("database_url") or DEFAULT_URL
    return Settings(
        database_url=url,
        logs=tuple(merged.get("logs") or ()),
        source_id=merged.get("source_id") or "default",
        timezone=merged.get("timezone"),
        state_folder=_state_folder(url),
        json=bool(merged.get("as_json")),
        verbose=bool(merged.get("verbose")),
    )


def _state_folder(url: str) -> Path:
    """Where the lock files lie: TTS_STATE_DIR, else beside the SQLite file, else in the home folder."""
    if folder := os.environ.get("TTS_STATE_DIR"):
        return Path(folder)
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///")).parent
    return Path.home() / ".local/state/tts-etl"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="voxmeter")
@shared_options
@click.pass_context
def tts_etl(context: click.RichContext, /, **shared: Any) -> None:
    """Load every line of the speech log into SQL exactly once."""
    context.obj = {name: value for name, value in shared.items() if value not in (None, ())}


@tts_etl.command()
@shared_options
@click.option("--report-timezone", metavar="ZONE", help="Zone that days are cut in. Default: this host's.")
@click.pass_context
def migrate(context: click.RichContext, /, report_timezone: str | None, **shared: Any) -> None:
    """Create or upgrade the tables.

    \b
    Example:
        tts-etl migrate --database-url sqlite:///data/tts.db --report-timezone Asia/Shanghai
    """
    from etl.schema import migrate as run
    from etl.store.database import Database

    settings = settings_of(context, shared)
    database = Database(settings.database_url)
    try:
        done = run(database, report_timezone, get_localzone_name(), datetime.now(UTC).date())
    finally:
        database.close()
    if settings.json:
        print_json({"before": done.before, "revision": done.after, "report_timezone": done.report_timezone})
    else:
        click.echo(f"schema {done.after} in {database.shown}, days are cut in {done.report_timezone}", err=True)


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
