"""The command tts-redash: its group and its entry point; the commands stand in redash.commands."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import rich_click as click

from redash.commands import asking, bootstrapping, drawing, looking, planning, pruning, taking, testing, validating
from redash.errors import RedashError
from redash.options import shared_options


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@shared_options(group=True)
@click.version_option(package_name="voxmeter")
@click.pass_context
def cli(context: click.RichContext, /, **own: Any) -> None:
    """Show the tables: queries, charts and dashboards from files, checked, and drawn as a page."""
    context.obj = {name: value for name, value in own.items() if value is not None}


for command in (
    validating.validate_command,
    validating.schema_command,
    asking.check_command,
    asking.run_command,
    drawing.preview_command,
    planning.plan_command,
    planning.apply_command,
    bootstrapping.bootstrap_command,
    looking.drift_command,
    taking.pull_command,
    taking.adopt_command,
    looking.verify_command,
    testing.test_command,
    pruning.prune_command,
    pruning.restore_command,
):
    cli.add_command(command)


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
