"""An importer's place in the rig: it is started, killed with SIGKILL, and started again; where each kill hit is counted."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.soak.importing import OUTSIDE, PACKED_STEPS, STEPS, command, import_for_ever
from tests.soak.shared import FORK, decoders_of, killed_with_decoders, number

#: An importer's mean life; one that starts decoders in each pass needs longer to come to a transaction.
KILL_SECONDS = {"live": 0.15, "packed": 0.4}
DECODER_KILL_SECONDS = 1.0
#: So many starts are the real command, and so many may finish a few passes first.
_COMMANDS, _LONG = 0.05, 0.1
#: So many kills wait until the importer has reached a step of a transaction: for a busy machine's time, or they miss it.
_AIMED, _AIM_SECONDS = {"live": 0.6, "packed": 0.9}, {"live": 6.0, "packed": 6.0}
#: A decoder ends when its writer has.
_OUTLIVING_SECONDS = 10.0


class Victim:
    """One of the two importers; `kills` counts by the step that they hit, `outside`, `command` and `decoder`."""

    def __init__(self, url: str, log: Path, state: Path, seed: int, road: str) -> None:
        self._target = (url, log, state)
        self._road = road
        self._random = random.Random(seed)  # noqa: S311
        self._mark = number()
        self._step = OUTSIDE
        self._process: BaseProcess | subprocess.Popen[bytes] | None = None
        self._deadline = self._decoder_deadline = 0.0
        self.kills: Counter[str] = Counter()
        self.troubles: list[str] = []

    def turn(self) -> None:
        """Starts it where it is not running, kills it when its time has come."""
        if self._process is None:
            self._start()
        elif time.monotonic() >= self._deadline and self._on_target():
            self.kill()
        elif self._exit_code() is not None:
            self._ended()
        elif time.monotonic() >= self._decoder_deadline:
            self._kill_a_decoder()

    def kill(self) -> None:
        """Kills it, if it runs, and notes where that hit."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.pid is not None:
            outliving = killed_with_decoders(process.pid, decoders_of(process.pid), _OUTLIVING_SECONDS)
            self.troubles += [f"decoder {pid} outlives its writer" for pid in outliving]
        if isinstance(process, subprocess.Popen):
            process.communicate()
            self.kills["command"] += process.returncode == -signal.SIGKILL
            return
        process.join()
        where = STEPS[self._mark.value - 1] if self._mark.value != OUTSIDE else "outside"
        self.kills[where] += process.exitcode == -signal.SIGKILL

    def _on_target(self) -> bool:
        """Whether it is at the step that is aimed at, or has not come to it for a while."""
        end = self._deadline + _AIM_SECONDS[self._road]
        while self._mark.value < self._step and time.monotonic() < end:
            if self._road == "packed":
                return False
            time.sleep(0)
        return True

    def _kill_a_decoder(self) -> None:
        """One decoder, in whatever it does: its writer decodes the stretch then."""
        pid = self._process.pid if self._process is not None else None
        self._decoder_deadline = time.monotonic() + self._random.expovariate(1 / DECODER_KILL_SECONDS)
        if pid is not None and (decoders := decoders_of(pid)):
            with suppress(ProcessLookupError):
                os.kill(self._random.choice(decoders), signal.SIGKILL)
                self.kills["decoder"] += 1

    def _start(self) -> None:
        url, log, state = self._target
        now = time.monotonic()
        chance = self._random.random()
        if chance < _COMMANDS:
            self._process = command(url, state, "import", str(log))
            self._step = OUTSIDE
            self._deadline = now + self._random.uniform(0.3, 2.0)
            return
        process = FORK.Process(target=import_for_ever, args=(url, log, state, self._mark, self._road), daemon=True)
        process.start()
        self._process = process
        aims = self._random.random() < _AIMED[self._road]
        wanted = PACKED_STEPS if self._road == "packed" else STEPS
        self._step = STEPS.index(self._random.choice(wanted)) + 1 if aims else OUTSIDE
        mean = 2.0 if chance < _COMMANDS + _LONG else KILL_SECONDS[self._road]
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
