"""`preview`: the dashboards as a page, without a Redash."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import rich_click as click

from redash.config import DEFAULT_PORT, Settings
from redash.data.answers import answers, refuse_unknown
from redash.data.database import reading
from redash.errors import WrongUse
from redash.options import json_option, lang_of, lang_option, param_option, parsed_params, settings_of, shared_options
from redash.specs.reading import read_pack, usable_pack
from redash.specs.spec import Pack
from redash.testing.fixtures import log_of_files
from redash.testing.loading import stand


@click.command("preview")
@shared_options(group=False)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write one HTML file.")
@click.option("--serve", is_flag=True, help="Serve the page, made anew for each request, until Ctrl-C.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option("--port", type=click.IntRange(0, 65535), help=f"Default: {DEFAULT_PORT}, or the next free one.")
@click.option("--banner", default="", metavar="TEXT", help="A line at the top of the page.")
@click.option(
    "--fixture",
    "fixtures",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    multiple=True,
    metavar="FILE",
    help="Draw these log lines or cases (.yaml), loaded by tts-etl into a database of their own; repeatable.",
)
@click.option(
    "--compare",
    "revision",
    metavar="REV",
    help="Draw what differs from the specs at this git revision: charts before and after, and the SQL's diff.",
)
@lang_option
@param_option
@json_option
@click.pass_context
def preview_command(context: click.RichContext, /, **own: Any) -> None:
    """Draw the dashboards as one HTML page that needs no network.

    \b
    Example:
      tts-redash preview --out overview.html --param period=d_last_7_days
      tts-redash preview --serve --banner "a month of this data is synthetic"
      tts-redash preview --fixture redash/cases/good-day.yaml --out overview.html
      tts-redash preview --compare origin/main --out changes.html
    """
    if (own["out"] is None) == (not own["serve"]):
        raise WrongUse("give either --out FILE or --serve")
    with _drawn_from(settings_of(context, own), own["fixtures"]) as settings:
        _preview(settings, own)


def _preview(settings: Settings, own: dict[str, Any]) -> None:
    pack, given = usable_pack(settings.specs).spoken(lang_of(own)), parsed_params(own["params"])
    if not pack.dashboards:
        raise WrongUse(f"{settings.specs} has no dashboards", "put one into dashboards/<slug>.yaml")
    if own["serve"]:
        if given:
            raise WrongUse("--param goes with --out", "the served page has inputs for the parameters")
        if own["revision"]:
            raise WrongUse("--compare goes with --out")
        serve(settings, pack, own)
        return
    refuse_unknown(given, pack.queries.values())
    if own["revision"]:
        write_comparison(settings, pack, given, own)
    else:
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
        text = page.render_page(answers(opened, pack, given, now), boards, page.Frame(own["banner"], lang_of(own)), now)
    _write(own["out"], text)


def write_comparison(settings: Settings, pack: Pack, given: dict[str, str], own: dict[str, Any]) -> None:
    """Writes the page of what differs from a revision; raises WrongUse for one that git does not know."""
    comparing, revisions = (preview_module(f"redash.preview.{name}") for name in ("comparing", "revisions"))
    frame, now = preview_module("redash.preview.page").Frame(own["banner"], lang_of(own)), datetime.now(UTC)
    with revisions.specs_at(settings.specs, own["revision"]) as folder:
        old, problems = read_pack(folder)
        with reading(settings.database_url, settings.timeout_seconds) as opened:
            sides = [answers(opened, one, given, now) for one in (old.spoken(lang_of(own)), pack)]
            told = [str(problem).replace(f"{folder.as_posix()}/", "") for problem in problems]
            text = comparing.render_comparison(*sides, own["revision"], told, frame, now)
    _write(own["out"], text)


@contextmanager
def _drawn_from(settings: Settings, fixtures: tuple[Path, ...]) -> Iterator[Settings]:
    """The settings, or with fixtures those of a database that holds these alone."""
    if not fixtures:
        yield settings
        return
    with stand() as on:
        log = log_of_files(fixtures, datetime.now(UTC))
        yield replace(settings, database_url=on.filled("sqlite", "UTC", log))


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"can't write {out}: {error.strerror}", "does the folder exist?") from error


def serve(settings: Settings, pack: Pack, own: dict[str, Any]) -> None:
    """Serves until SIGTERM or Ctrl-C; says the address when it listens."""
    server = preview_module("redash.preview.server")
    with reading(settings.database_url, settings.timeout_seconds):
        pass  # A wrong URL is said at once; a database that goes away later is said on the page.
    site = server.Site(settings, pack, own["banner"], lambda: datetime.now(UTC), lang_of(own))
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
