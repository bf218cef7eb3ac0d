"""The command tts-etl: its group and its entry point; the commands stand in etl.commands."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import rich_click as click

from etl.commands import changing, checking, keeping, loading, proving, quarantine, setup
from etl.errors import EtlError
from etl.options import group_options, remember


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="voxmeter")
@group_options
@click.pass_context
def tts_etl(context: click.RichContext, /, **shared: Any) -> None:
    """Load every line of the speech log into SQL exactly once."""
    remember(context, shared)


for command in (
    setup.migrate,
    checking.doctor,
    changing.mark,
    changing.retime,
    changing.clients,
    changing.adopt_table,
    loading.import_,
    loading.watch,
    loading.backfill,
    keeping.status,
    keeping.purge,
    proving.erase,
    proving.verify,
    quarantine.quarantine,
):
    tts_etl.add_command(command)


def main() -> NoReturn:
    """The entry point: an error is one line and a hint on stderr, and its exit code."""
    try:
        code = tts_etl.main(standalone_mode=False)
    except EtlError as error:
        _stop(str(error), error.hint, error.exit_code)
    except click.ClickException as error:
        _stop(error.format_message(), "tts-etl --help lists what there is", error.exit_code)
    except click.Abort:
        _stop("interrupted", "what was not loaded yet is loaded the next time", 1)
    sys.exit(code if isinstance(code, int) else 0)


def _stop(message: str, hint: str, exit_code: int) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)
    sys.exit(exit_code)
