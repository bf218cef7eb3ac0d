"""The command tts-redash: reads options and environment, calls the program, shows what came of it."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import rich_click as click
from rich.console import Console
from rich.table import Table

from redash.config import DEFAULT_DATABASE_URL, DEFAULT_PORT, DEFAULT_TIMEOUT_SECONDS, Settings, specs_folder
from redash.data.answers import answers, refuse_unknown
from redash.data.check import Finding, check
from redash.data.database import reading
from redash.errors import RedashError, WrongUse
from redash.lint.schema import write_schema
from redash.lint.validate import validate
from redash.specs.reading import usable_pack
from redash.specs.spec import Pack

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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@shared_options(group=True)
@click.version_option(package_name="voxmeter")
@click.pass_context
def cli(context: click.RichContext, /, **own: Any) -> None:
    """Show the tables: queries, charts and dashboards from files, checked, and drawn as a page."""
    context.obj = {name: value for name, value in own.items() if value is not None}


@cli.command("validate")
@shared_options(group=False)
@json_option
@click.pass_context
def validate_command(context: click.RichContext, /, as_json: bool, **own: Any) -> None:
    """Find everything that is wrong with the files, without a database.

    \b
    Example:
      tts-redash validate
      tts-redash validate --specs ./redash --json
    """
    folder = settings_of(context, own).specs
    pack, problems = validate(folder)
    errors = [problem for problem in problems if problem.severity == "error"]
    if as_json:
        counts = {"queries": len(pack.queries), "charts": len(pack.charts), "dashboards": len(pack.dashboards)}
        listed = [{name: getattr(problem, name) for name in problem.__dataclass_fields__} for problem in problems]
        click.echo(json.dumps({"specs": str(folder), **counts, "errors": len(errors), "problems": listed}))
    else:
        for problem in problems:
            click.echo(str(problem))
        size = f"{len(pack.queries)} queries, {len(pack.charts)} charts, {len(pack.dashboards)} dashboards"
        click.echo(f"{size} in {folder}: {len(errors)} errors, {len(problems) - len(errors)} warnings")
    context.exit(1 if errors else 0)


@cli.command("check")
@shared_options(group=False)
@param_option
@click.option("--fail-if-empty", is_flag=True, help="Exit with 1 if a chart has nothing to draw and should have.")
@json_option
@click.pass_context
def check_command(
    context: click.RichContext, /, params: tuple[str, ...], fail_if_empty: bool, as_json: bool, **own: Any
) -> None:
    """Run the query of every chart on a database: rows, points, milliseconds.

    \b
    Example:
      tts-redash check --database-url sqlite:///data/tts.db
      tts-redash check --param period=d_last_7_days --param instance=demo --fail-if-empty
    """
    settings = settings_of(context, own)
    pack = usable_pack(settings.specs)
    given = parsed_params(params)
    refuse_unknown(given, pack.queries.values())
    with reading(settings.database_url, settings.timeout_seconds) as open_reading:
        found = check(answers(open_reading, pack, given, datetime.now(UTC)))
    if as_json:
        click.echo(json.dumps([finding.as_json() for finding in found]))
    else:
        show_findings(found)
    bad = any(finding.error for finding in found)
    missing = fail_if_empty and any(finding.empty for finding in found)
    context.exit(1 if bad or missing else 0)


@cli.command("run")
@shared_options(group=False)
@click.argument("slug")
@param_option
@json_option
@click.pass_context
def run_command(context: click.RichContext, /, slug: str, params: tuple[str, ...], as_json: bool, **own: Any) -> None:
    """Run one query of the pack and print its rows.

    \b
    Example:
      tts-redash run totals
      tts-redash run latest-requests --param instance=demo --param newest=20 --json
    """
    settings = settings_of(context, own)
    pack = usable_pack(settings.specs)
    if slug not in pack.queries:
        raise WrongUse(f"there is no query {slug!r}", f"one of: {', '.join(pack.queries)}")
    query, given = pack.queries[slug], parsed_params(params)
    refuse_unknown(given, [query])
    with reading(settings.database_url, settings.timeout_seconds) as open_reading:
        result = answers(open_reading, pack, given, datetime.now(UTC)).of_query(query, {}, {})
    if as_json:
        click.echo(json.dumps({"columns": list(result.columns), "rows": [list(row) for row in result.rows]}))
    else:
        show_rows(result.columns, result.rows)


@cli.command("schema")
@shared_options(group=False)
@click.option("--write", is_flag=True, help="Write it to snapshots/<dialect>.json of the specs folder.")
@click.pass_context
def schema_command(context: click.RichContext, /, write: bool, **own: Any) -> None:
    """Print the tables and columns of a database, as `validate` wants to know them.

    \b
    Example:
      tts-etl migrate && tts-redash schema --write
    """
    settings = settings_of(context, own)
    with reading(settings.database_url, settings.timeout_seconds) as open_reading:
        schema, dialect = open_reading.schema(), open_reading.dialect
    if write:
        click.echo(f"wrote {write_schema(settings.specs, dialect, schema)}", err=True)
    else:
        click.echo(json.dumps(schema, indent=1, sort_keys=True))


@cli.command("preview")
@shared_options(group=False)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write one HTML file.")
@click.option("--serve", is_flag=True, help="Serve the page, made anew for each request, until Ctrl-C.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option("--port", type=click.IntRange(0, 65535), help=f"Default: {DEFAULT_PORT}, or the next free one.")
@click.option("--banner", default="", metavar="TEXT", help="A line at the top of the page.")
@param_option
@json_option
@click.pass_context
def preview_command(context: click.RichContext, /, **own: Any) -> None:
    """Draw the dashboards as one HTML page that needs no network.

    \b
    Example:
      tts-redash preview --out overview.html --param period=d_last_7_days
      tts-redash preview --serve --banner "a month of this data is synthetic"
    """
    settings = settings_of(context, own)
    if (own["out"] is None) == (not own["serve"]):
        raise WrongUse("give either --out FILE or --serve")
    pack, given = usable_pack(settings.specs), parsed_params(own["params"])
    if not pack.dashboards:
        raise WrongUse(f"{settings.specs} has no dashboards", "put one into dashboards/<slug>.yaml")
    if own["serve"]:
        if given:
            raise WrongUse("--param goes with --out", "the served page has inputs for the parameters")
        serve(settings, pack, own)
        return
    refuse_unknown(given, pack.queries.values())
    write_page(settings, pack, given, own)
    if own["as_json"]:
        click.echo(json.dumps({"file": str(own["out"]), "dashboards": list(pack.dashboards)}))
    else:
        click.echo(f"wrote {own['out']}", err=True)


def write_page(settings: Settings, pack: Pack, given: dict[str, str], own: dict[str, Any]) -> None:
    """Writes the page of all dashboards; raises WrongUse if the file can't be written."""
    page = preview_module("redash.preview.page")
    now = datetime.now(UTC)
    with reading(settings.database_url, settings.timeout_seconds) as opened:
        boards = list(pack.dashboards.values())
        text = page.render_page(answers(opened, pack, given, now), boards, page.Frame(own["banner"]), now)
    try:
        own["out"].write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"can't write {own['out']}: {error.strerror}", "does the folder exist?") from error


def serve(settings: Settings, pack: Pack, own: dict[str, Any]) -> None:
    """Serves until SIGTERM or Ctrl-C; says the address when it listens."""
    server = preview_module("redash.preview.server")
    with reading(settings.database_url, settings.timeout_seconds):
        pass  # A wrong URL is said at once; a database that goes away later is said on the page.
    site = server.Site(settings, pack, own["banner"], lambda: datetime.now(UTC))
    port = DEFAULT_PORT if own["port"] is None else own["port"]
    with server.listen(site, own["host"], port, own["port"] is not None) as listening:
        if own["port"] is None and listening.server_port != port:
            click.echo(f"port {port} is taken, so this is port {listening.server_port}", err=True)
        # Both before anybody knows the address; SIGINT too, which a shell's background job is born to ignore.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            click.echo(json.dumps({"url": listening.url}) if own["as_json"] else f"open {listening.url}")
            sys.stdout.flush()
            listening.serve_forever()


def preview_module(name: str) -> Any:
    """A module that needs the extra `preview`, which not every installation has."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("redash"):
            raise
        raise WrongUse(f"the preview needs {error.name}", "pip install 'voxmeter[preview]'") from error


def parsed_params(params: Iterable[str]) -> dict[str, str]:
    """`name=value` texts; raises WrongUse for one without `=`."""
    given = {}
    for text in params:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise WrongUse(f"--param {text!r} is not NAME=VALUE", "for example --param instance=demo")
        given[name.strip()] = value
    return given


def show_findings(found: list[Finding]) -> None:
    """A table for the eyes, one row a chart."""
    shown = [
        (
            f.dashboard,
            f.chart,
            f.rows,
            f.points,
            f"{f.milliseconds:.0f}",
            f.error or ("nothing to draw" if f.empty else ""),
        )
        for f in found
    ]
    show_rows(("dashboard", "chart", "rows", "points", "ms", ""), shown)


def show_rows(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Rows on stdout as a table."""
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    Console().print(table)


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
