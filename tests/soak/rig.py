"""The live kill rig (P1, P10): two writers, a rotator and two importers that are killed again and again.

At the end all is drained, and the rows are compared with the files on disk and with the writers' own counters.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tests.soak.counting import Keys, judged, keys_of
from tests.soak.importing import PACKED_STEPS, STEPS, command, import_for_ever
from tests.soak.killing import Victim
from tests.soak.rotating import rotate_until
from tests.soak.shared import FORK, number
from tests.soak.writing import LAST_LINE, write

_CHECKPOINT_SECONDS = 20.0
_NEWEST_KEPT = 6
#: So many kills must hit inside of a transaction, and of all kills of a forked importer such a share, on its road. A
#: run on a busy machine goes on until they do, for so much longer at most.
_LEAST_INSIDE, ENOUGH_INSIDE, _PATIENCE_SECONDS = 5, 0.15, 90.0


@dataclass(frozen=True, slots=True)
class Plan:
    """A run of the rig: its database, rotation and road, its length and seed, lines per second and writer."""

    url: str
    mode: str
    road: str
    seconds: float
    seed: int
    per_second: int = 500


class Rig:
    """One run in a folder of its own."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._folder, self._plan = folder, plan
        self._logs = folder / "logs"
        self._logs.mkdir()
        self._log = self._logs / "tts.log"
        self._log.touch()
        self._accounted: Keys = set()
        self._written = {uuid.UUID(int=plan.seed * 16 + n).hex: number() for n in (1, 2)}
        self._stop_rotating, self._stop_writing = number(), number()
        self._victims = [
            Victim(plan.url, self._log, folder / f"state{n}", plan.seed * 8 + n, plan.road) for n in (1, 2)
        ]

    def run(self) -> tuple[dict[str, Any], list[str]]:
        """The figures of the run, and every breach of the law."""
        writers = [
            _started(write, self._log, writer, written, self._stop_writing, self._plan.per_second)
            for writer, written in self._written.items()
        ]
        rotator = _started(rotate_until, self._log, self._plan.mode, self._stop_rotating, self._plan.seed)
        self._kill_for(self._plan.seconds)
        self._stop_rotating.value = 1
        breaches = _joined("rotator", rotator)
        self._stop_writing.value = LAST_LINE
        for writer in writers:
            breaches += _joined("writer", writer)
        for victim in self._victims:
            victim.kill()
            breaches += victim.troubles
        return self._judged(breaches)

    def _kill_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        checkpoint = time.monotonic() + _CHECKPOINT_SECONDS
        while (now := time.monotonic()) < end or (not self._enough_inside() and now < end + _PATIENCE_SECONDS):
            for victim in self._victims:
                victim.turn()
            if time.monotonic() > checkpoint:
                self._forget_archives()
                checkpoint = time.monotonic() + _CHECKPOINT_SECONDS
            time.sleep(0.003)

    def _forget_archives(self) -> None:
        """What a pass has seen may be deleted: its lines are noted as such that must be rows from now on."""
        old = sorted(self._logs.glob("*.gz"))[:-_NEWEST_KEPT]
        for archive in old:
            self._accounted |= keys_of(archive)
        whole = _started(import_for_ever, self._plan.url, self._log, self._folder / "state3", number(), "live", 1)
        while whole.is_alive():
            for victim in self._victims:
                victim.turn()
            time.sleep(0.003)
        if whole.exitcode == 0:
            for archive in old:
                archive.unlink()

    def _judged(self, breaches: list[str]) -> tuple[dict[str, Any], list[str]]:
        self._command("import", str(self._log))
        _, said = self._command("import", str(self._log))
        status, _ = self._command("status", "--json")
        on_disk = self._accounted.union(*map(keys_of, self._logs.iterdir()))
        written = {writer: count.value for writer, count in self._written.items()}
        figures, found = judged(self._plan.url, status, on_disk, written, self._plan.mode)
        if not self._enough_inside():
            found.append("too few kills hit inside of a transaction")
        kills = self._kills()
        figures |= {"kills": kills.total(), "kills_inside": self._hits(), "kills_at": dict(kills)}
        return figures, breaches + found + [said.decode()] * bool(found)

    def _kills(self) -> Counter[str]:
        return sum((victim.kills for victim in self._victims), start=Counter[str]())

    def _hits(self) -> int:
        """How many kills hit inside of a transaction, on the road of this run."""
        kills, steps = self._kills(), PACKED_STEPS if self._plan.road == "packed" else STEPS
        return sum(kills[step] for step in steps)

    def _enough_inside(self) -> bool:
        kills, hits = self._kills(), self._hits()
        of_all = kills["outside"] + sum(kills[step] for step in STEPS)
        return hits >= _LEAST_INSIDE and hits >= ENOUGH_INSIDE * of_all

    def _command(self, *arguments: str) -> tuple[bytes, bytes]:
        done = command(self._plan.url, self._folder / "state1", *arguments)
        out, err = done.communicate()
        if done.returncode != 0:
            raise OSError(err.decode())
        return out, err


def _started(work: Any, *arguments: Any) -> BaseProcess:
    process = FORK.Process(target=work, args=arguments, daemon=True)
    process.start()
    return process


def _joined(name: str, process: BaseProcess) -> list[str]:
    process.join(timeout=60)
    return [] if process.exitcode == 0 else [f"a {name} ended with {process.exitcode}"]
