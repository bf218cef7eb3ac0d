"""`preview`: the dashboards as a page, without a Redash."""

from __future__ import annotations

import json
import signal
import sys
from contextlib import suppress
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
from redash.specs.reading import usable_pack
from redash.specs.spec import Pack


@click.command("preview")
@shared_options(group=False)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write one HTML file.")
@click.option("--serve", is_flag=True, help="Serve the page, made anew for each request, until Ctrl-C.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option("--port", type=click.IntRange(0, 65535), help=f"Default: {DEFAULT_PORT}, or the next free one.")
@click.option("--banner", default="", metavar="TEXT", help="A line at the top of the page.")
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
    """
    settings = settings_of(context, own)
    if (own["out"] is None) == (not own["serve"]):
        raise WrongUse("give either --out FILE or --serve")
    pack, given = usable_pack(settings.specs).spoken(lang_of(own)), parsed_params(own["params"])
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
        text = page.render_page(answers(opened, pack, given, now), boards, page.Frame(own["banner"], lang_of(own)), now)
    try:
        own["out"].write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"can't write {own['out']}: {error.strerror}", "does the folder exist?") from error


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
