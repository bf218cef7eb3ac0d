"""The importers of the rig: `tts-etl import` again and again, each in a process that may die at any instruction.

They are forked from one that has the loader in memory, so that kills hit the work and not the start of Python; some are
the real command. Each has a lock folder of its own: the file lock keeps none of them from running beside the others.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from etl.config import Settings
from etl.errors import TryAgainError
from etl.loading.ingest import Reading
from etl.loading.runs import Surroundings, import_once, raise_trouble
from etl.store.database import Database
from tests.soak.shared import Number

COMMAND = (sys.executable, "-c", "from etl.cli import main; main()")
#: How lines are decoded: by the importer, or, from the second batch of a file on, by processes of its own.
ROADS = ("live", "packed")
#: The marker's values: outside of a transaction, or the step of it (as Run.reached names them) that was reached last.
OUTSIDE = 0
PACKED_STEPS = ("packed", "copied", "filled behind copied", "moved behind copied")
STEPS = ("begun", "sorted", "inserted", "filled", "moved", *PACKED_STEPS)


def import_for_ever(url: str, log: Path, state: Path, mark: Number, road: str = ROADS[0], passes: int = -1) -> None:
    """Passes until it is killed, or so many that came to their end; `mark` says where it is in its transaction."""
    reading = Reading() if road == "live" else Reading(bulk_bytes=1)
    packed = False

    def reached(step: str) -> None:
        nonlocal packed
        packed = step == "packed" or (packed and step != "begun")
        name = f"{step} behind copied" if packed and step in ("filled", "moved") else step
        mark.value = STEPS.index(name) + 1 if name in STEPS else OUTSIDE

    database = Database(url, busy_seconds=5)
    settings = Settings(url, (), "default", None, state, json=False, verbose=False)
    around = Surroundings(host_timezone="UTC", reached=reached)
    while passes:
        mark.value = OUTSIDE
        try:
            raise_trouble(import_once(database, settings, [str(log)], around, reading), [])
            passes -= 1
        except TryAgainError:
            time.sleep(0.01)
    database.close()


def command(url: str, state: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """The real `tts-etl` with these arguments, started."""
    env = {"TTS_DATABASE_URL": url, "TTS_STATE_DIR": str(state), "PATH": "/usr/bin:/bin", "TZ": "UTC"}
    return subprocess.Popen([*COMMAND, *arguments], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
