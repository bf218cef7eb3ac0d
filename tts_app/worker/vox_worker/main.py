"""The worker process: load one engine, say so, speak orders until stdin ends. The standard library alone, from Python 3.10 on.

`PYTHON FOLDER KIND JSON_OPTIONS`. KIND is one of `names.KINDS`, or the path of a file with a class `Engine`.
With `--missing` in front it only says what the engine lacks on this machine: {"missing": [[what, hint], ...]}.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from .adapter import Unavailable
from .failures import class_name
from .names import KINDS
from .pipes import Inbox, Outbox, take_pipes
from .references import References
from .speaking import Speaker

BEAT_SECONDS = 1.0
# The service makes this folder and removes it even after the worker was killed; without it the worker makes its own.
FOLDER_VARIABLE = "VOX_WORKER_FOLDER"


def main() -> None:
    """The whole life of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    orders, answers = take_pipes()
    outbox = Outbox(answers)
    *flags, kind, options = sys.argv[1:]
    try:
        if "--missing" in flags:
            outbox.send({"missing": missing(kind, json.loads(options))})
        else:
            _work(kind, json.loads(options), Inbox(orders, _stop), outbox)
    except BrokenPipeError:
        _stop()


def adapter_of(kind: str) -> Any:
    """The module of an adapter.

    Raises:
        Unavailable: there is no such one.
    """
    if kind in KINDS:
        return importlib.import_module(f".adapters.{kind}", __package__)
    spec = importlib.util.spec_from_file_location("vox_adapter", kind) if kind.endswith(".py") else None
    if spec is None or spec.loader is None:
        raise Unavailable(f"there is no engine {kind!r}", f"one of {', '.join(KINDS)}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def missing(kind: str, options: dict[str, Any]) -> list[tuple[str, str]]:
    """What the engine lacks on this machine, and how to get it; nothing is loaded or downloaded."""
    try:
        look = getattr(adapter_of(kind), "missing", None)
        return look(options) if look is not None else []
    except Unavailable as exc:
        return [(str(exc), exc.hint)]
    except Exception as exc:  # noqa: BLE001 - whatever its environment lacks
        return [(_no_user_yet(exc), "")]


def _work(kind: str, options: dict[str, Any], inbox: Inbox, outbox: Outbox) -> None:
    folder = Path(os.environ.get(FOLDER_VARIABLE) or tempfile.mkdtemp(prefix="vox-worker-"))
    os.environ[FOLDER_VARIABLE] = str(folder)
    inbox.start()
    try:
        adapter = adapter_of(kind).Engine(options)
        info = adapter.info()
    except Unavailable as exc:
        outbox.send({"ready": False, "error": str(exc), "hint": exc.hint})
        return
    except BaseException as exc:  # noqa: BLE001 - the service turns it into ENGINE_UNAVAILABLE
        outbox.send({"ready": False, "error": _no_user_yet(exc), "hint": ""})
        return
    speaker = Speaker(adapter, info, References(folder), outbox.send)
    outbox.send({**info, "ready": True})
    _Heart(speaker, outbox).start()
    for frame, gone in inbox.orders():
        speaker.answer(frame, gone)


def _no_user_yet(error: BaseException) -> str:
    """An error of loading in its own words: there is no user's text yet that these could hold."""
    return f"{class_name(error)}: {str(error)[:500]}"


class _Heart(threading.Thread):
    """Tells the service every second that an order is still being worked on."""

    def __init__(self, speaker: Speaker, outbox: Outbox) -> None:
        super().__init__(name="vox-heart", daemon=True)
        self._speaker = speaker
        self._outbox = outbox
        self._stopped = threading.Event()

    def run(self) -> None:
        """Until the process ends."""
        try:
            while not self._stopped.wait(BEAT_SECONDS):
                if self._speaker.busy:
                    self._outbox.send({"beat": True, "stage": self._speaker.stage})
        except (BrokenPipeError, ValueError):
            pass  # nobody listens any more


def _stop() -> None:
    """Ends the process at once, whatever the engine is doing: nobody is there to hear it."""
    if folder := os.environ.get(FOLDER_VARIABLE):
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)
