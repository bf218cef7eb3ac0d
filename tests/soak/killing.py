"""An importer's place in the rig: it is started, killed with SIGKILL, and started again; where each kill hit is counted."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections import Counter
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.soak.importing import OUTSIDE, STEPS, command, import_for_ever
from tests.soak.shared import FORK, number

KILL_SECONDS = 0.15
#: So many starts are the real command, and so many may finish a few passes first.
_COMMANDS, _LONG = 0.05, 0.1
#: So many kills wait, for a moment, until the importer has reached a step of a transaction.
_AIMED, _AIM_SECONDS = 0.6, 0.3


class Victim:
    """One of the two importers; `kills` counts by the step that they hit, `outside` and `command`."""

    def __init__(self, url: str, log: Path, state: Path, seed: int) -> None:
        self._target = (url, log, state)
        self._random = random.Random(seed)  # noqa: S311
        self._mark = number()
        self._process: BaseProcess | subprocess.Popen[bytes] | None = None
        self._deadline = 0.0
        self.kills: Counter[str] = Counter()
        self.troubles: list[str] = []

    def turn(self) -> None:
        """Starts it where it is not running, kills it when its time has come."""
        if self._process is None:
            self._start()
        elif time.monotonic() >= self._deadline:
            self._aim()
            self.kill()
        elif self._exit_code() is not None:
            self._ended()

    def kill(self) -> None:
        """Kills it, if it runs, and notes where that hit."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        if isinstance(process, subprocess.Popen):
            process.communicate()
            self.kills["command"] += process.returncode == -signal.SIGKILL
            return
        process.join()
        where = STEPS[self._mark.value - 1] if self._mark.value != OUTSIDE else "outside"
        self.kills[where] += process.exitcode == -signal.SIGKILL

    def _aim(self) -> None:
        """Waits, now and then and not for long, until a step of a transaction is reached."""
        if isinstance(self._process, subprocess.Popen) or self._random.random() >= _AIMED:
            return
        step = self._random.randrange(len(STEPS)) + 1
        end = time.monotonic() + _AIM_SECONDS
        while self._mark.value < step and time.monotonic() < end:
            time.sleep(0)

    def _start(self) -> None:
        url, log, state = self._target
        now = time.monotonic()
        chance = self._random.random()
        if chance < _COMMANDS:
            self._process = command(url, state, "import", str(log))
            self._deadline = now + self._random.uniform(0.3, 2.0)
            return
        process = FORK.Process(target=import_for_ever, args=(url, log, state, self._mark), daemon=True)
        process.start()
        self._process = process
        mean = 2.0 if chance < _COMMANDS + _LONG else KILL_SECONDS
        self._deadline = now + self._random.expovariate(1 / mean)

    def _exit_code(self) -> int | None:
        if isinstance(self._process, subprocess.Popen):
            return self._process.poll()
        return self._process.exitcode if self._process is not None else None

    def _ended(self) -> None:
        """A forked importer never ends by itself, and the command with 0, or 75 while the database is busy."""
        code = self._exit_code()
        process, self._process = self._process, None
        said = ""
        if isinstance(process, subprocess.Popen):
            said = process.communicate()[1].decode().strip()
        if not (isinstance(process, subprocess.Popen) and code in (0, 75)):
            self.troubles.append(f"an importer ended with {code}: {said}")
