"""`validate` and `schema`: what can be known of the files without a database, and what they are held against."""

from __future__ import annotations

import json
from typing import Any

import rich_click as click

from redash.data.database import reading
from redash.lint.schema import write_schema
from redash.lint.validate import validate
from redash.options import json_option, settings_of, shared_options


@click.command("validate")
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


@click.command("schema")
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
