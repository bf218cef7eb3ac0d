"""`bootstrap`: a fresh Redash to a usable one, without a browser."""

from __future__ import annotations

import shlex
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import rich_click as click

from redash.commands.connecting import Opened, environment_meant, note, opened, server_options
from redash.commands.planning import agreed, destroy_option, do, finish, surveyed
from redash.errors import WrongUse
from redash.options import json_option, settings_of
from redash.remote.login import Entrance
from redash.specs.reading import usable_pack
from redash.specs.secrets import Secret
from redash.sync.apply import Outcome
from redash.sync.bootstrap import (
    Admin,
    Manage,
    connect_sources,
    decline_beacon,
    keep_key,
    key_of,
    never_run,
    wait_until_up,
    when_free,
    works,
)
from redash.sync.runs import run_queries, worth_running
from redash.sync.survey import Survey

_PASSWORD_HINT = "REDASH_ADMIN_PASSWORD, or --password-file"  # noqa: S105


@click.command("bootstrap")
@server_options
@click.option("--email", envvar="REDASH_ADMIN_EMAIL", metavar="ADDRESS", help="[REDASH_ADMIN_EMAIL] The admin's.")
@click.option(
    "--password-file",
    envvar="REDASH_ADMIN_PASSWORD_FILE",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="[REDASH_ADMIN_PASSWORD_FILE, or the password in REDASH_ADMIN_PASSWORD] The admin's.",
)
@click.option(
    "--manage",
    envvar="REDASH_MANAGE",
    metavar="COMMAND",
    help="[REDASH_MANAGE] Words that reach Redash's manage.py: they make the admin where there is none.",
)
@click.option(
    "--wait",
    "wait_seconds",
    type=click.FloatRange(0),
    default=120,
    show_default=True,
    metavar="SECONDS",
    help="How long the server may take to answer, and another apply to end.",
)
@destroy_option
@json_option
@click.pass_context
def bootstrap_command(
    context: click.RichContext,
    /,
    email: str | None,
    password_file: Path | None,
    manage: str | None,
    wait_seconds: float,
    allow_destroy: bool,
    as_json: bool,
    **own: Any,
) -> None:
    """Make a fresh Redash a usable one: its admin, an API key in a file, the data source, then everything as `apply` does.

    Can be cut off anywhere and called again; where nothing is left to do nothing is changed.

    \b
    Example:
      tts-redash bootstrap --api-key-file redash.key --email admin@example.com \\
        --manage "docker compose exec -T server ./manage.py"
    """
    pack = usable_pack(settings_of(context, own).specs)
    _, environment = environment_meant(pack, own)
    file = _key_file(environment.api_key)
    with Entrance(environment.url) as entrance:
        wait_until_up(entrance, wait_seconds, clock=time.monotonic, sleep=time.sleep, say=note)
        if not works(environment.url, environment.api_key):
            admin = _admin(email, password_file)
            keep_key(file, key_of(entrance, admin, Manage(shlex.split(manage)) if manage else None, note))
            note(f"the API key of {admin.email} is in {file}")
    with opened(context, own) as at:
        if at.session.is_admin:
            decline_beacon(at.api)
        seen = surveyed(at)
        agreed(seen.plan, True, allow_destroy)
        connected = connect_sources(at.api, seen, note)
        free = partial(when_free, seconds=wait_seconds, clock=time.monotonic, sleep=time.sleep, say=note)
        seen, outcome = free(lambda: _applied(at))
        keys = dict.fromkeys([*worth_running(outcome.done), *never_run(seen)])
        outcome.troubles += run_queries(at.api, seen.wanted, keys, outcome.ids, datetime.now(UTC), note)
    outcome.done[:0] = connected
    finish(context, outcome, as_json)


def _applied(at: Opened) -> tuple[Survey, Outcome]:
    seen = surveyed(at)
    return seen, do(at, seen) if seen.plan.steps else Outcome(left=dict(seen.plan.left), ids=dict(seen.live.ids))


def _key_file(secret: Secret) -> Path:
    """Where the key is written to and read from."""
    kind, _, place = secret.reference.partition(":")
    if kind != "file":
        raise WrongUse("where should the API key be written to?", "--api-key-file FILE, or the environment's api_key")
    return Path(place)


def _admin(email: str | None, password_file: Path | None) -> Admin:
    if not email:
        raise WrongUse("whose API key? there is none yet that works", "--email, or REDASH_ADMIN_EMAIL")
    secret = Secret(f"file:{password_file}" if password_file else "env:REDASH_ADMIN_PASSWORD")
    try:
        return Admin(email, secret.reveal())
    except WrongUse as error:
        raise WrongUse(str(error), _PASSWORD_HINT) from error
