"""`check` and `run`: the queries of the pack on a database, as rows and figures."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import rich_click as click
from rich.console import Console
from rich.table import Table

from redash.data.answers import answers, refuse_unknown
from redash.data.check import Finding, check
from redash.data.database import reading
from redash.errors import WrongUse
from redash.options import json_option, param_option, parsed_params, settings_of, shared_options
from redash.specs.reading import usable_pack


@click.command("check")
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


@click.command("run")
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
