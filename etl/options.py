"""The options that all commands share, their environment, and the settings that come of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfoNotFoundError

import rich_click as click
from tzlocal import get_localzone_name

from etl.config import Settings

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_URL = "sqlite:///data/tts.db"
DEFAULT_LOG = "logs/tts.log"


def shared_options(command: F, *, environment: bool = False) -> F:
    """The options that the group and each command take; the command's value wins.

    Only the group reads the environment: what is said on the command line, at either place, goes before it.
    """

    def option(*names: str, env: str | None = None, **more: Any) -> Callable[[F], F]:
        if env and environment:
            more.update(envvar=env, show_envvar=True)
        return click.option(*names, **more)

    options = (
        option("--database-url", env="TTS_DATABASE_URL", metavar="URL", help=f"SQLite or PostgreSQL. [{DEFAULT_URL}]"),
        option(
            "--log",
            "logs",
            env="TTS_LOG",
            multiple=True,
            type=click.Path(readable=False),
            help=f"Log file with what it was rotated to, folder, or glob; repeatable. [{DEFAULT_LOG}]",
        ),
        option("--source-id", env="TTS_SOURCE_ID", metavar="NAME", help="Whose files, of several hosts. [default]"),
        option("--timezone", env="TTS_TIMEZONE", metavar="ZONE", help="Of lines of older forms. [this host's]"),
        option("--json", "as_json", is_flag=True, default=None, help="Print the result as JSON."),
        option("--verbose", is_flag=True, default=None, help="Say more on stderr."),
    )
    for decorate in reversed(options):
        command = decorate(command)
    return command


def group_options(command: F) -> F:
    return shared_options(command, environment=True)


def remember(context: click.RichContext, own: dict[str, Any]) -> None:
    """Keeps a group's own values, over those of the groups above, for its commands."""
    context.obj = {**(context.obj or {}), **{name: value for name, value in own.items() if value not in (None, ())}}


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


def host_timezone() -> str:
    """The IANA name of this host's zone; UTC where it has none."""
    try:
        return get_localzone_name() or "UTC"
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"
