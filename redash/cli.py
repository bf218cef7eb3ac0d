"""The command tts-redash: its group and its entry point; the commands stand in redash.commands."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NoReturn

import rich_click as click

from redash.errors import RedashError
from redash.options import shared_options

#: Each command's module, which is imported when the command is called: most of them need a library that the others don't.
_MODULES = {
    "validate": "validating",
    "schema": "validating",
    "check": "asking",
    "run": "asking",
    "preview": "drawing",
    "plan": "planning",
    "apply": "planning",
    "bootstrap": "bootstrapping",
    "drift": "looking",
    "verify": "looking",
    "pull": "taking",
    "adopt": "taking",
    "test": "testing",
    "prune": "pruning",
    "restore": "pruning",
}


class Commands(click.RichGroup):
    """A group whose commands stand as `<name>_command` in the modules of `redash.commands`."""

    def __init__(self, *arguments: Any, modules: Mapping[str, str], **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return sorted(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name; None if there is none."""
        if cmd_name not in self._modules:
            return None
        module = import_module(f"redash.commands.{self._modules[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command


@click.group(cls=Commands, modules=_MODULES, context_settings={"help_option_names": ["-h", "--help"]})
@shared_options(group=True)
@click.version_option(package_name="voxmeter")
@click.pass_context
def cli(context: click.RichContext, /, **own: Any) -> None:
    """Show the tables: queries, charts and dashboards from files, checked, and drawn as a page."""
    context.obj = {name: value for name, value in own.items() if value is not None}


def main() -> NoReturn:
    """The entry point: an error is one line and a hint on stderr, and its exit code."""
    try:
        code = cli.main(standalone_mode=False)
    except RedashError as error:
        _stop(str(error), error.hint, error.exit_code)
    except click.ClickException as error:
        _stop(error.format_message(), "tts-redash --help lists what there is", error.exit_code)
    except click.Abort:
        _stop("interrupted", "", 1)
    sys.exit(code if isinstance(code, int) else 0)


def _stop(message: str, hint: str, exit_code: int) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)
    sys.exit(exit_code)
