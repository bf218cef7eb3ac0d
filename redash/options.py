"""The options that commands share, their environment, and the settings that come of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from redash.config import DEFAULT_DATABASE_URL, DEFAULT_TIMEOUT_SECONDS, Settings, specs_folder
from redash.errors import WrongUse
from redash.specs.texts import DEFAULT_LANG, LANGS, Lang

F = TypeVar("F", bound=Callable[..., Any])

# The environment is read by the group alone: on a command it would win over what was said before the command.
_SHARED: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("--database-url",), {"metavar": "URL", "help": f"[TTS_DATABASE_URL] Default: {DEFAULT_DATABASE_URL}"}),
    (
        ("--specs",),
        {
            "metavar": "DIR",
            "type": click.Path(path_type=Path, file_okay=False),
            "help": "[REDASH_SPECS] Default: ./redash if it holds queries, else the pack that ships.",
        },
    ),
    (
        ("--timeout", "timeout_seconds"),
        {"metavar": "SECONDS", "type": click.FloatRange(min=0.1), "help": "Longest time of a query. Default: 30"},
    ),
)
_ENVIRONMENT = {"--database-url": "TTS_DATABASE_URL", "--specs": "REDASH_SPECS", "--timeout": "REDASH_TIMEOUT"}

param_option = click.option(
    "--param", "params", multiple=True, metavar="NAME=VALUE", help="A parameter of the queries, repeatable."
)
lang_option = click.option("--lang", type=click.Choice(LANGS), help=f"Language of the texts. Default: {DEFAULT_LANG}")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def shared_options(group: bool) -> Callable[[F], F]:
    """The options that the group and each command take; the command's value wins."""

    def decorate(command: F) -> F:
        for names, keywords in reversed(_SHARED):
            command = click.option(*names, **keywords, envvar=_ENVIRONMENT[names[0]] if group else None)(command)
        return command

    return decorate


def settings_of(context: click.RichContext, own: dict[str, Any]) -> Settings:
    """The group's values, over them the command's own, over nothing the defaults."""
    merged = {**(context.obj or {}), **{name: value for name, value in own.items() if value is not None}}
    return Settings(
        database_url=merged.get("database_url") or DEFAULT_DATABASE_URL,
        specs=specs_folder(merged.get("specs"), Path()),
        timeout_seconds=merged.get("timeout_seconds") or DEFAULT_TIMEOUT_SECONDS,
    )


def parsed_params(params: Iterable[str]) -> dict[str, str]:
    """`name=value` texts; raises WrongUse for one without `=`."""
    given = {}
    for text in params:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise WrongUse(f"--param {text!r} is not NAME=VALUE", "for example --param instance=demo")
        given[name.strip()] = value
    return given


def lang_of(own: Mapping[str, Any]) -> Lang:
    """What --lang said, else English."""
    return own.get("lang") or DEFAULT_LANG
