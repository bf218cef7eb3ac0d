"""What the commands that ask a Redash share: which one, with which key, and the pack for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from redash.errors import SpecErrors, WrongUse
from redash.lint.validate import validate
from redash.options import settings_of, shared_options
from redash.remote.api import Api, Session, connected
from redash.specs.places import Environment
from redash.specs.reading import environment_of, usable_pack
from redash.specs.secrets import Secret
from redash.specs.spec import Pack
from redash.specs.texts import LANGS

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_NAME, DEFAULT_URL = "default", "http://127.0.0.1:5000"
_KEY_HINT = "REDASH_API_KEY, REDASH_API_KEY_FILE or --api-key-file; it is on the user's page in Redash"

_OPTIONS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (
        ("--environment",),
        {"metavar": "NAME", "envvar": "REDASH_ENVIRONMENT", "help": "[REDASH_ENVIRONMENT] environments/NAME.yaml."},
    ),
    (
        ("--redash-url",),
        {
            "metavar": "URL",
            "envvar": "REDASH_URL",
            "help": f"[REDASH_URL] Over the environment's. Default: {DEFAULT_URL}",
        },
    ),
    (
        ("--api-key-file",),
        {
            "metavar": "FILE",
            "envvar": "REDASH_API_KEY_FILE",
            "type": click.Path(path_type=Path, dir_okay=False),
            "help": "[REDASH_API_KEY_FILE, or the key in REDASH_API_KEY] Over the environment's.",
        },
    ),
    (("--lang",), {"type": click.Choice(LANGS), "help": "Language of the texts. Default: the environment's."}),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A server that knows the key, and the pack for it."""

    api: Api
    session: Session
    pack: Pack
    folder: Path
    name: str
    environment: Environment


def server_options(command: F) -> F:
    """Which Redash, with which key, in which language; beside the options that all commands share."""
    for names, keywords in reversed(_OPTIONS):
        command = click.option(*names, **keywords)(command)
    return shared_options(group=False)(command)


@contextmanager
def opened(context: click.RichContext, own: dict[str, Any]) -> Iterator[Opened]:
    """Reads the pack and connects; raises SpecErrors, WrongUse, WrongKey or RedashAway."""
    folder = settings_of(context, own).specs
    pack = usable_pack(folder)
    name, environment = environment_said(pack, own)
    with connected(environment.url, environment.api_key.reveal(), say=note) as (api, session):
        yield Opened(api, session, pack, folder, name, environment)


def environment_said(pack: Pack, own: dict[str, Any]) -> tuple[str, Environment]:
    """The environment's name and what it says, the command's options over it; raises WrongUse without an API key."""
    name, environment = environment_meant(pack, own)
    try:
        environment.api_key.reveal()
    except WrongUse as error:
        raise WrongUse(str(error), _KEY_HINT) from error
    return name, environment


def environment_meant(pack: Pack, own: dict[str, Any]) -> tuple[str, Environment]:
    """The same where there may be no API key yet."""
    name = own["environment"] or DEFAULT_NAME
    key = Secret(f"file:{own['api_key_file']}") if own["api_key_file"] else None
    if own["environment"] is None and name not in pack.environments:
        base = Environment(url=DEFAULT_URL, api_key=Secret("env:REDASH_API_KEY"))
    else:
        base = environment_of(pack, name)
    over = {"url": own["redash_url"], "api_key": key, "lang": own["lang"]}
    changed = {option: value for option, value in over.items() if value is not None}
    try:
        environment = Environment.model_validate({**base.model_dump(by_alias=True), "api_key": base.api_key, **changed})
    except ValueError as error:
        raise WrongUse("--redash-url is no address of a server", f"for example {DEFAULT_URL}") from error
    return name, environment


def refuse_wrong_files(folder: Path) -> None:
    """Raises SpecErrors with the first error that `validate` finds: nothing wrong gets onto a server."""
    errors = [problem for problem in validate(folder)[1] if problem.severity == "error"]
    if errors:
        more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
        raise SpecErrors(f"{errors[0]}{more}", "`tts-redash validate` names them all")


def note(line: str) -> None:
    """A line for the one who waits, not for what reads the output."""
    click.echo(line, err=True)
