"""The commands `tts-app keys` and `tts-app users`: who may come in."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import rich_click as click

from tts_app.dooroptions import access_file_option, access_path, state_dir_option
from tts_app.keys import AccessFile, Key, User, new_password

F = TypeVar("F", bound=Callable[..., Any])


def _entry_options(command: F) -> F:
    options = (
        access_file_option,
        state_dir_option,
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
    )
    for decorate in reversed(options):
        command = decorate(command)
    return command


def _file(options: dict[str, Any]) -> AccessFile:
    return AccessFile(access_path(options["access_file"], options["state_dir"]))


def _as_json(context: click.RichContext, options: dict[str, Any]) -> bool:
    return bool(options["as_json"] or (context.obj or {}).get("as_json"))


@click.group()
def keys() -> None:
    """API keys: who may speak by HTTP. With the first one, every request needs one.

    A running service sees each change at once.

    \b
    Example:
        tts-app keys add newsroom
    """


@click.group()
def users() -> None:
    """Users of the page, with passwords. Without any, the page takes an API key as the password.

    \b
    Example:
        tts-app users add ann
    """


@keys.command("add")
@click.argument("name")
@_entry_options
@click.pass_context
def add_key(context: click.RichContext, /, name: str, **options: Any) -> None:
    """Make a key for NAME and print it: this once, since only its hash is kept.

    \b
    Example:
        tts-app keys add newsroom
    """
    key = _file(options).add_key(name)
    if _as_json(context, options):
        click.echo(json.dumps({"name": name, "key": key}))
        return
    click.echo(key)
    click.echo(f"the key of {name}, shown this once; clients send it as: Authorization: Bearer KEY", err=True)


@users.command("add")
@click.argument("name")
@_entry_options
@click.pass_context
def add_user(context: click.RichContext, /, name: str, **options: Any) -> None:
    """Let NAME sign in at the page; asks for a password, or reads it from a pipe; an empty one makes one and prints it.

    \b
    Example:
        tts-app users add ann < password.txt
    """
    given = click.prompt("Password (empty: make one)", default="", hide_input=True, show_default=False, err=True) \
        if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")  # fmt: skip
    made = None if given else new_password()
    _file(options).add_user(name, given or str(made))
    if _as_json(context, options):
        click.echo(json.dumps({"name": name, "password": made}))
        return
    if made:
        click.echo(made)
    click.echo(f"{name} may sign in at the page", err=True)


@keys.command("list")
@_entry_options
@click.pass_context
def list_keys(context: click.RichContext, /, **options: Any) -> None:
    """Names of the keys, and when each was made.

    \b
    Example:
        tts-app keys list
    """
    _show(_file(options).read().keys, as_json=_as_json(context, options))


@users.command("list")
@_entry_options
@click.pass_context
def list_users(context: click.RichContext, /, **options: Any) -> None:
    """Names of the users, and when each was added.

    \b
    Example:
        tts-app users list
    """
    _show(_file(options).read().users, as_json=_as_json(context, options))


@keys.command("revoke")
@click.argument("name")
@_entry_options
@click.pass_context
def revoke_key(context: click.RichContext, /, name: str, **options: Any) -> None:
    """Refuse the key of NAME from now on, and end the sessions that it began.

    \b
    Example:
        tts-app keys revoke newsroom
    """
    _file(options).revoke_key(name)
    _say_removed(name, as_json=_as_json(context, options))


@users.command("remove")
@click.argument("name")
@_entry_options
@click.pass_context
def remove_user(context: click.RichContext, /, name: str, **options: Any) -> None:
    """Refuse NAME from now on, and end the sessions of NAME.

    \b
    Example:
        tts-app users remove ann
    """
    _file(options).remove_user(name)
    _say_removed(name, as_json=_as_json(context, options))


def _show(entries: tuple[Key, ...] | tuple[User, ...], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([{"name": entry.name, "created_at": entry.created_at} for entry in entries]))
        return
    for entry in entries:
        click.echo(f"{entry.created_at}  {entry.name}")


def _say_removed(name: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"name": name, "removed": True}))
    else:
        click.echo(f"{name} is refused from now on", err=True)
