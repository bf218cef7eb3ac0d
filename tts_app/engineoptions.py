"""The options that say which engines a service has."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from tts_app.enginefile import read_engines
from tts_app.engines.spec import EMBEDDED, EngineSpec, embedded
from tts_app.errors import ConfigError

F = TypeVar("F", bound=Callable[..., Any])

option = functools.partial(click.option, show_envvar=True)


def engine_options(command: F) -> F:
    """--engine, --engines and --workers."""
    options = (
        option(
            "--engine",
            "engine_names",
            envvar="TTS_ENGINE",
            multiple=True,
            metavar="NAME",
            help="An engine to load, the default one first; may be given more than once. Default: those of --engines, else espeak.",
        ),
        option(
            "--engines",
            "engines_file",
            envvar="TTS_ENGINES",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            metavar="FILE",
            help="Tables of engines (TOML, docs/engines.md).",
        ),
        option(
            "--workers",
            envvar="TTS_WORKERS",
            type=click.IntRange(1, 64),
            default=1,
            show_default=True,
            help="Processes of the embedded voice; each speaks one request at a time.",
        ),
    )
    for decorate in reversed(options):
        command = decorate(command)
    return command


def engine_specs(names: tuple[str, ...], file: Path | None, workers: int) -> tuple[EngineSpec, ...]:
    """The engines of the options, the default one first: those of the file, or those named among them and the embedded voice.

    Raises:
        ConfigError: the file can't be used, or has no engine of a name.
    """
    known = {spec.name: spec for spec in read_engines(file)} if file is not None else {}
    wanted = tuple(dict.fromkeys(names)) or tuple(known) or (EMBEDDED,)
    known.setdefault(EMBEDDED, embedded(workers))
    for name in wanted:
        if name not in known:
            raise ConfigError(
                f"there is no engine {name!r}", f"one of {', '.join(known)}; --engines names the file with the others"
            )
    return tuple(known[name] for name in wanted)
