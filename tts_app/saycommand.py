"""The command `tts-app say`: a text from the command line, a file or stdin becomes a file of sound."""

from __future__ import annotations

import functools
import json
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from tts_app.dooroptions import state_dir_option, state_folder
from tts_app.engineoptions import engine_specs
from tts_app.errors import AppError, ConfigError
from tts_app.instances import instance_name
from tts_app.tags import emotion_named

if TYPE_CHECKING:
    from tts_app.synthesis import Order

option = functools.partial(click.option, show_envvar=True)
readable = click.Path(path_type=Path, exists=True, dir_okay=False)

FORMATS = {"wav": "wav", "mp3": "mp3", "flac": "flac", "opus": "opus", "ogg": "opus", "pcm": "pcm", "raw": "pcm"}
STDIO = "-"


@click.command()
@click.argument("text", required=False)
@option(
    "--file",
    "text_file",
    type=readable,
    metavar="FILE",
    help="Read the text from FILE, so that no list of processes shows it.",
)
@option("-o", "--out", required=True, metavar="FILE", help="Where the sound goes; - is stdout.")
@option(
    "--format", "audio_format", type=click.Choice(sorted(set(FORMATS.values()))), help="Default: by the name of FILE."
)
@option("--engine", metavar="NAME", help="Default: the first one.")
@option("--voice", metavar="ID", help="Default: the engine's first.")
@option(
    "--reference", type=readable, metavar="FILE", help="A recording of the voice to speak with, for engines that clone."
)
@option("--reference-text", metavar="TEXT", help="What is said in it, where the engine wants that.")
@option("--language", default="auto", show_default=True, metavar="CODE", help="Such as zh, en, ja.")
@option("--emotion", default="neutral", show_default=True, metavar="NAME", help="Such as happy, sad, calm.")
@option("--intensity", type=click.FloatRange(0, 1), default=1.0, show_default=True, help="Of the emotion.")
@option("--speed", type=click.FloatRange(0.25, 4), default=1.0, show_default=True, help="2 is twice as fast.")
@option(
    "--seed", type=click.IntRange(0, 2**32 - 1), help="The same one gives the same speech, where the engine draws lots."
)
@option(
    "--inline-tags/--no-inline-tags",
    envvar="TTS_INLINE_TAGS",
    default=True,
    show_default=True,
    help="Obey [emotion=happy,0.7] at the start of the text.",
)
@option("--url", envvar="TTS_URL", metavar="URL", help="Let the service there speak; it writes the line.")
@option(
    "--api-key-file",
    envvar="TTS_API_KEY_FILE",
    type=readable,
    metavar="FILE",
    help="Holds the service's API key; or TTS_API_KEY.",
)
@option(
    "--engines",
    "engines_file",
    envvar="TTS_ENGINES",
    type=readable,
    metavar="FILE",
    help="The engines of this machine, without --url.",
)
@option(
    "--log",
    envvar="TTS_LOG",
    default="logs/tts.log",
    show_default=True,
    metavar="PATH",
    help="The log file, without --url.",
)
@option(
    "--max-chars",
    envvar="TTS_MAX_CHARS",
    type=click.IntRange(1),
    default=4096,
    show_default=True,
    help="The longest text, without --url.",
)
@option(
    "--synthesis-seconds",
    envvar="TTS_SYNTHESIS_SECONDS",
    type=click.FloatRange(0, min_open=True),
    default=600.0,
    show_default=True,
    help="How long it may take, without --url.",
)
@state_dir_option
@option(
    "--hash-key-file",
    envvar="TTS_HASH_KEY_FILE",
    metavar="FILE",
    help="The key for hashes of clients, instead of the one in the state folder.",
)
@option("--instance", envvar="TTS_INSTANCE", metavar="NAME", help="Name in the line. Default: the host's.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def say(context: click.RichContext, /, text: str | None, **options: Any) -> None:  # fmt: skip
    """Speak TEXT (- reads it from stdin) into a file, and write one log line.

    Without --url it starts an engine of its own for this one text. With it, a running service speaks.

    \b
    Example:
        tts-app say "Good morning!" -o morning.wav --emotion happy
        tts-app say - -o chapter.mp3 --url http://127.0.0.1:7860 < chapter.txt
    """
    out: str = options["out"]
    shared = context.obj or {}
    as_json = bool(options["as_json"] or shared.get("as_json"))
    if as_json and out == STDIO:
        raise ConfigError("--json and the sound can't both go to stdout", "-o FILE")
    given = _text(text, options["text_file"])
    write = functools.partial(_write, out)
    try:
        order = _order(given, out, options)
        if options["url"]:
            told = _asked(order, write, options)
        else:
            told = _said(order, write, options, options["instance"] or shared.get("instance"))
    except ModuleNotFoundError as exc:
        raise ConfigError(f"{exc.name} is not installed", "pip install 'voxmeter[app]'") from exc
    if as_json:
        click.echo(json.dumps({"out": out, **told}))
    else:
        click.echo(_sentence(out, told), err=True)


def _text(given: str | None, text_file: Path | None) -> str:
    if (given is None) == (text_file is None):
        raise ConfigError("one text is needed", 'tts-app say "TEXT", tts-app say - < FILE, or --file FILE')
    raw = _bytes(text_file) if text_file is not None else sys.stdin.buffer.read() if given == STDIO else None
    try:
        return str(given) if raw is None else raw.decode()
    except UnicodeDecodeError as exc:
        raise ConfigError("the text is no UTF-8", "iconv -t UTF-8 makes it so") from exc


def _order(text: str, out: str, options: dict[str, Any]) -> Order:
    suffix = "wav" if out == STDIO else Path(out).suffix[1:].lower()
    audio_format = options["audio_format"] or FORMATS.get(suffix)
    if audio_format is None:
        raise ConfigError(
            f"the name {Path(out).name} says no format", f"--format {'|'.join(sorted(set(FORMATS.values())))}"
        )
    reference: Path | None = options["reference"]
    # Imported here, as are the others below: `--help` should not wait for them.
    from tts_app.synthesis import Order

    return Order(
        text=text,
        engine=options["engine"],
        speaker=options["voice"],
        language=options["language"],
        emotion=emotion_named(options["emotion"]),
        emotion_intensity=options["intensity"],
        speed=options["speed"],
        seed=options["seed"],
        reference_audio=_bytes(reference) if reference else None,
        reference_text=options["reference_text"],
        audio_format=audio_format,
    )


def _said(
    order: Order, write: Callable[[bytes], None], options: dict[str, Any], instance: str | None
) -> dict[str, Any]:
    from tts_app.saying import Setup
    from tts_app.saying import say as speak

    names = (order.engine,) if order.engine else ()
    setup = Setup(
        engine=engine_specs(names, options["engines_file"], workers=1)[0],
        instance=instance_name(instance),
        log=Path(options["log"]),
        state_dir=state_folder(options["state_dir"]),
        hash_key_file=Path(options["hash_key_file"]) if options["hash_key_file"] else None,
        max_chars=options["max_chars"],
        synthesis_seconds=options["synthesis_seconds"],
        inline_tags=options["inline_tags"],
    )
    said = speak(setup, order, write, lambda line: click.echo(line, err=True))
    return {
        "request_id": said.request_id,
        "audio_seconds": round(said.spoken.audio_seconds, 3),
        "rtf": round(said.spoken.rtf, 5),
        "queue_seconds": round(said.spoken.queue_seconds, 6),
        "log": str(setup.log),
    }


def _asked(order: Order, write: Callable[[bytes], None], options: dict[str, Any]) -> dict[str, Any]:
    from tts_app.asking import ask

    key = _key(options["api_key_file"])
    answered = ask(options["url"], key, order, inline_tags=options["inline_tags"])
    write(answered.audio)
    return {
        "request_id": answered.request_id,
        "audio_seconds": answered.audio_seconds,
        "rtf": answered.rtf,
        "queue_seconds": answered.queue_seconds,
        "log": None,
    }


def _key(key_file: Path | None) -> str | None:
    given = _bytes(key_file).decode("utf-8", "replace") if key_file else os.environ.get("TTS_API_KEY", "")
    key = given.strip()
    if not (key.isascii() and key.isprintable()):
        raise ConfigError("the API key can't be one", "tts-app keys add shows it once: vox_ and 43 letters")
    return key or None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise ConfigError(f"{path} can't be read: {exc.strerror}", "who may read it?") from exc


def _write(out: str, audio: bytes) -> None:
    """The whole file or none of it."""
    try:
        if out == STDIO:
            sys.stdout.buffer.write(audio)
            sys.stdout.buffer.flush()
            return
        path = Path(out)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        try:
            draft.write_bytes(audio)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as exc:
        raise AppError(f"{out} can't be written: {exc.strerror}", "see --out") from exc


def _sentence(out: str, told: dict[str, Any]) -> str:
    seconds = f"{told['audio_seconds']} s of sound" if told["audio_seconds"] is not None else "sound"
    speed = f" at RTF {told['rtf']}" if told["rtf"] is not None else ""
    line = f", line in {told['log']}" if told["log"] else f", request {told['request_id']}"
    return f"{'stdout' if out == STDIO else out}: {seconds}{speed}{line}"
