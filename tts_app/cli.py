"""The command `tts-app`: options and environment become plain values, errors become one line and a hint."""

from __future__ import annotations

import functools
import json
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import rich_click as click

from tts_app.config import Settings
from tts_app.dooroptions import door_options, door_settings, state_dir_option, state_folder
from tts_app.enginecommands import engines
from tts_app.engineoptions import engine_options, engine_specs
from tts_app.errors import AppError, ConfigError
from tts_app.instances import instance_name
from tts_app.keycommands import keys, users
from tts_app.saycommand import say

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_LOG = "logs/tts.log"
DEFAULT_MAX_CHARS = 4096


option = functools.partial(click.option, show_envvar=True)


def shared_options(command: F) -> F:
    """The options that the group and each command take; the command's value wins."""
    options = (
        option("--instance", envvar="TTS_INSTANCE", metavar="NAME", help="Name in every line. Default: the host's."),
        option("--json", "as_json", is_flag=True, default=None, help="Print the result as JSON."),
    )
    for decorate in reversed(options):
        command = decorate(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="voxmeter")
@shared_options
@click.pass_context
def tts_app(context: click.RichContext, /, **shared: Any) -> None:
    """Speak text, and write one log line for each request."""
    context.obj = shared


@tts_app.command()
@shared_options
@option("--host", envvar="TTS_HOST", default="127.0.0.1", show_default=True, help="Address to listen on.")
@option("--port", envvar="TTS_PORT", type=click.IntRange(0, 65535), help="Default: 7860, or the next free one.")
@option("--log", envvar="TTS_LOG", default=DEFAULT_LOG, show_default=True, metavar="PATH", help="The log file.")
@option(
    "--log-sample",
    envvar="TTS_LOG_SAMPLE",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    help="Log 1 of N ok-requests, all others always. Not recommended: a line costs microseconds.",
)
@engine_options
@option(
    "--max-queue",
    envvar="TTS_MAX_QUEUE",
    type=click.IntRange(0),
    default=64,
    show_default=True,
    help="Requests that may wait; one more is refused with 503.",
)
@option(
    "--max-chars",
    envvar="TTS_MAX_CHARS",
    type=click.IntRange(1),
    default=DEFAULT_MAX_CHARS,
    show_default=True,
    help="The longest text; a longer one is refused with 413.",
)
@option(
    "--max-refused",
    envvar="TTS_MAX_REFUSED",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Bad requests a second from one client; what comes above is dropped with 429 and without a line.",
)
@option(
    "--queue-seconds",
    envvar="TTS_QUEUE_SECONDS",
    type=click.FloatRange(0, min_open=True),
    default=30.0,
    show_default=True,
    help="How long a request may wait for a voice.",
)
@option(
    "--synthesis-seconds",
    envvar="TTS_SYNTHESIS_SECONDS",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="How long one synthesis may take before its process is ended.",
)
@state_dir_option
@option(
    "--hash-key-file",
    envvar="TTS_HASH_KEY_FILE",
    metavar="FILE",
    help="The key for hashes of clients, instead of the one in the state folder.",
)
@door_options
@option("--ui/--no-ui", envvar="TTS_UI", default=True, show_default=True, help="The web page at /ui.")
@option(
    "--inline-tags/--no-inline-tags",
    envvar="TTS_INLINE_TAGS",
    default=True,
    show_default=True,
    help="Obey [emotion=happy,0.7] at the start of a text instead of speaking it.",
)
@click.pass_context
def serve(context: click.RichContext, /, **options: Any) -> None:
    """Serve the web page and the HTTP API until Ctrl-C.

    \b
    GET  /ui                the page
    POST /v1/audio/speech   OpenAI's fields and more, whole or streamed
    POST /generate          {"text", "speaker"} gives {"audio_url", "duration"}
    GET  /v1/models         engines; /v1/audio/voices: their voices
    GET  /healthz, /readyz  workers, queue, requests, lost log lines
    GET  /docs              all of it

    \b
    Example:
        tts-app serve --log logs/tts.log --instance studio-1
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    settings = settings_of(context, options)
    # Imported here, as `--help` and `history` should not wait for a web server to load.
    try:
        from tts_app.server import serve as run
    except ModuleNotFoundError as exc:
        raise ConfigError(f"{exc.name} is not installed", "pip install 'voxmeter[app]'") from exc

    run(settings, _tell, lambda ready: _announce(ready, settings.json))


@tts_app.command()
@option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the archives.")
@option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How many days.")
@option("--seed", type=int, default=1, show_default=True, help="Another seed, other requests.")
@option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day after the last one. Default: today.")
@click.option(
    "--instance",
    default="demo-history",
    show_default=True,
    metavar="NAME",
    help="Name in every line: it is no real one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def history(
    context: click.RichContext, /, out: Path, days: int, seed: int, until: datetime | None, instance: str, as_json: bool
) -> None:
    """Write log archives of requests that never were, to try the dashboards with.

    The same seed and day always give the same lines. TTS_INSTANCE is not looked at: it names a real service.

    \b
    Example:
        tts-app history --out data/history --days 30
    """
    from rich.console import Console
    from rich.progress import Progress

    from tts_app.history import write_archives

    last = until.date() if until else datetime.now(UTC).date()
    lines = 0
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("writing history", total=days)

        def on_day(done: int, lines_of_day: int) -> None:
            nonlocal lines
            lines += lines_of_day
            progress.update(bar, completed=done)

        paths = write_archives(out, days, seed, last, instance, on_day)
    if as_json or context.obj.get("as_json"):
        click.echo(json.dumps({"files": len(paths), "lines": lines, "folder": str(out)}))
    else:
        click.echo(f"{len(paths)} archives, {lines} new lines in {out}", err=True)


tts_app.add_command(say)
tts_app.add_command(keys)
tts_app.add_command(users)
tts_app.add_command(engines)


def settings_of(context: click.RichContext, own: dict[str, Any]) -> Settings:
    """The settings of `serve`: the group's values, over them the command's own.

    Raises:
        ConfigError: a name that can't stand in a line.
    """
    merged = _merged(context, own)
    return Settings(
        host=merged["host"],
        port=merged["port"],
        log=Path(merged["log"]),
        log_sample=merged["log_sample"],
        instance=instance_name(merged["instance"]),
        engines=engine_specs(merged["engine_names"], merged["engines_file"], merged["workers"]),
        max_queue=merged["max_queue"],
        max_chars=merged["max_chars"],
        max_refused=merged["max_refused"],
        queue_seconds=merged["queue_seconds"],
        synthesis_seconds=merged["synthesis_seconds"],
        state_dir=state_folder(merged["state_dir"]),
        hash_key_file=Path(merged["hash_key_file"]) if merged["hash_key_file"] else None,
        ui=merged["ui"],
        inline_tags=merged["inline_tags"],
        door=door_settings(merged),
        json=bool(merged["as_json"]),
    )


def _merged(context: click.RichContext, own: dict[str, Any]) -> dict[str, Any]:
    shared = {name: value for name, value in (context.obj or {}).items() if own.get(name) is None}
    return {**own, **shared}


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _announce(ready: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(ready))
        sys.stdout.flush()
    else:
        click.echo(f"listening on {ready['url']} as {ready['instance']}, log {ready['log']}", err=True)
        if ready["ui_url"]:
            click.echo(f"open {ready['ui_url']}", err=True)


def _end(*_: object) -> None:
    raise SystemExit(0)


def main() -> NoReturn:
    """The entry point: an error is one line and a hint on stderr, and its exit code."""
    try:
        code = tts_app.main(standalone_mode=False)
    except AppError as error:
        _stop(str(error), error.hint, error.exit_code)
    except click.ClickException as error:
        _stop(error.format_message(), "tts-app --help lists what there is", error.exit_code)
    except click.Abort:
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)


def _stop(message: str, hint: str, exit_code: int) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
