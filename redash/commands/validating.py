"""`validate` and `schema`: what can be known of the files without a database, and what they are held against."""

from __future__ import annotations

import json
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import rich_click as click

from redash.data.database import reading
from redash.lint.editors import editor_schemas, write_editor_files
from redash.lint.reports import as_json, as_sarif, as_text
from redash.lint.schema import write_schema
from redash.lint.validate import validate
from redash.options import settings_of, shared_options
from redash.specs.spec import Pack


@click.command("validate")
@shared_options(group=False)
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", help="Default: text")
@click.option("--json", "json_wanted", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def validate_command(context: click.RichContext, /, form: str, json_wanted: bool, **own: Any) -> None:
    """Find everything that is wrong with the files, without a database.

    SARIF 2.1.0 is what code hosts show beside the lines of a change. --json is --format json.

    \b
    Example:
      tts-redash validate
      tts-redash validate --specs ./redash --format sarif > validate.sarif
    """
    folder = settings_of(context, own).specs
    pack, problems = validate(folder)
    errors = sum(problem.severity == "error" for problem in problems)
    form = "json" if json_wanted else form
    if form == "sarif":
        click.echo(json.dumps(as_sarif(problems, version("voxmeter"), Path()), indent=1))
    elif form == "json":
        told = {"specs": str(folder), **sizes(pack), "errors": errors, "problems": as_json(problems)}
        click.echo(json.dumps(told))
    else:
        for line in as_text(problems):
            click.echo(line)
        size = ", ".join(f"{count} {kind}" for kind, count in sizes(pack).items() if count)
        click.echo(f"{size} in {folder}: {errors} errors, {len(problems) - errors} warnings")
    context.exit(1 if errors else 0)


def sizes(pack: Pack) -> dict[str, int]:
    """How much of each kind there is."""
    return {field.name: len(getattr(pack, field.name)) for field in fields(pack)}


@click.command("schema")
@shared_options(group=False)
@click.option("--editors", is_flag=True, help="JSON Schemas of the files instead, for editors; no database is needed.")
@click.option("--write", is_flag=True, help="Write to snapshots/<dialect>.json, or editors/, of the specs folder.")
@click.pass_context
def schema_command(context: click.RichContext, /, editors: bool, write: bool, **own: Any) -> None:
    """Print the tables and columns of a database, as `validate` wants to know them.

    \b
    Example:
      tts-etl migrate && tts-redash schema --write
      tts-redash schema --editors > schemas.json
    """
    settings = settings_of(context, own)
    if editors:
        show_editors(settings.specs, write)
        return
    with reading(settings.database_url, settings.timeout_seconds) as open_reading:
        schema, dialect = open_reading.schema(), open_reading.dialect
    if write:
        click.echo(f"wrote {write_schema(settings.specs, dialect, schema)}", err=True)
    else:
        click.echo(json.dumps(schema, indent=1, sort_keys=True))


def show_editors(folder: Path, write: bool) -> None:
    """The JSON Schema of each kind of file, on stdout by kind or as files."""
    if not write:
        click.echo(json.dumps(editor_schemas(), ensure_ascii=False, indent=1))
        return
    for path in write_editor_files(folder):
        click.echo(f"wrote {path}", err=True)
