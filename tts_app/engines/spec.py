"""What the operator wants of one engine: which adapter, with which Python and options, in how many processes."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tts_app.worker

WORKER = str(Path(tts_app.worker.__file__).parent)
# Where another Python looks for packages is its own matter.
OUR_PYTHON_ONLY = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
EMBEDDED = "espeak"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSpec:
    """One engine as configured.

    `kind` is one of `names.KINDS`, or the path of an adapter's file. `devices` gives one worker each, instead of `workers`.
    `recycle_after` requests a process is replaced, 0: never. `warm_up`: speak something nobody hears before the first order.
    `start_seconds`: how long loading may take.
    """

    name: str
    kind: str
    python: str = sys.executable
    options: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    devices: tuple[str, ...] = ()
    workers: int = 1
    recycle_after: int = 0
    warm_up: bool = False
    start_seconds: float = 30.0

    @property
    def slots(self) -> int:
        """How many processes there should be."""
        return len(self.devices) or self.workers

    def command(self, slot: int, *flags: str) -> tuple[str, ...]:
        """What starts the worker of a slot."""
        options = {**self.options, "device": self.devices[slot]} if self.devices else self.options
        return (self.python, WORKER, *flags, self.kind, json.dumps(options))

    def environment(self) -> dict[str, str]:
        """The worker's environment."""
        own = self.python == sys.executable
        kept = {name: value for name, value in os.environ.items() if own or name not in OUR_PYTHON_ONLY}
        return {**kept, **self.env}


def embedded(workers: int = 1) -> EngineSpec:
    """The voice that comes with this program."""
    return EngineSpec(name=EMBEDDED, kind=EMBEDDED, workers=workers)
