"""The file of engines (TOML): a table for each, in the order of the file; the first is the one of an order that names none.

[engines.studio]
kind = "indextts2"                                # or the table's own name, where that is a kind
python = "/opt/index-tts/.venv/bin/python"
model_dir = "/opt/index-tts/checkpoints"          # this and every other key is the adapter's own option
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tts_app.engines.spec import EngineSpec
from tts_app.errors import ConfigError
from tts_app.worker.vox_worker.names import KINDS

NAME = re.compile(r"[A-Za-z0-9._-]{1,32}")
NEURAL = ("indextts2", "cosyvoice")
LOAD_SECONDS, NEURAL_LOAD_SECONDS = 30.0, 600.0
MAX_WORKERS = 64


def read_engines(path: Path) -> tuple[EngineSpec, ...]:
    """The engines of a file, at least one.

    Raises:
        ConfigError: no such file, no TOML, or a table that can't be used.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} can't be read", "--engines names a TOML file (docs/engines.md)") from exc
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{path} is no TOML: {exc}", "docs/engines.md shows one") from exc
    tables = found.get("engines")
    if not isinstance(tables, dict) or not tables or set(found) != {"engines"}:
        raise ConfigError(f"{path} has no tables [engines.NAME], or others besides", "docs/engines.md shows one")
    return tuple(engine_of(name, table, path) for name, table in tables.items())


def engine_of(name: str, table: Any, path: Path) -> EngineSpec:
    """The engine of one table.

    Raises:
        ConfigError: naming the table and the key.
    """
    if not isinstance(table, dict) or not NAME.fullmatch(name):
        raise ConfigError(
            f"{path}: [engines.{name}] can't be used", "a table with a name of up to 32 of A-Z a-z 0-9 . _ -"
        )
    left = dict(table)
    keys = _Keys(f"{path}: [engines.{name}]", left)
    kind = keys.take("kind", name, _is_kind, f"one of {', '.join(KINDS)}, or the path of an adapter's file")
    neural = kind in NEURAL
    return EngineSpec(
        name=name,
        kind=kind,
        python=str(Path(keys.take("python", sys.executable, _is_text, "the path of an interpreter")).expanduser()),
        env=keys.take("env", {}, _is_environment, "a table of texts"),
        devices=tuple(keys.take("devices", [], _is_devices, 'a list such as ["cuda:0", "cuda:1"]')),
        workers=keys.take("workers", 1, lambda n: _is_whole(n) and 1 <= n <= MAX_WORKERS, f"1 to {MAX_WORKERS}"),
        recycle_after=keys.take(
            "recycle_after", 0, lambda n: _is_whole(n) and n >= 0, "a number of requests, 0: never"
        ),
        warm_up=keys.take("warm_up", neural, lambda flag: isinstance(flag, bool), "true or false"),
        start_seconds=float(
            keys.take("start_seconds", NEURAL_LOAD_SECONDS if neural else LOAD_SECONDS, _is_positive, "seconds")
        ),
        options=left,
    )


class _Keys:
    """Takes keys out of a table, checked."""

    def __init__(self, where: str, left: dict[str, Any]) -> None:
        self._where = where
        self._left = left

    def take(self, name: str, default: Any, usable: Callable[[Any], bool], wanted: str) -> Any:
        value = self._left.pop(name, default)
        if not usable(value):
            raise ConfigError(f"{self._where} has a {name} that can't be used", f"it must be {wanted}")
        return value


def _is_kind(value: Any) -> bool:
    return value in KINDS or (isinstance(value, str) and value.endswith(".py") and Path(value).is_absolute())


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_environment(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _is_devices(value: Any) -> bool:
    return isinstance(value, list) and all(_is_text(item) for item in value) and len(value) <= MAX_WORKERS


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
