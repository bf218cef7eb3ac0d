"""Runs a command and measures it: wall time, and the peak of the memory of all its processes together."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_SECONDS = 0.1
_BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Measured:
    """What a command took: seconds of wall time, the peak of memory in MiB (PSS, summed), and what it printed."""

    seconds: float
    peak_mib: float
    output: str


def run(command: Sequence[str], *, memory: bool = False) -> Measured:
    """Runs a command to its end. Raises RuntimeError with its last words if it fails."""
    os.sync()
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = 0.0
    while memory and process.poll() is None:
        peak = max(peak, sum(map(_pss_mib, tree(process.pid))))
        time.sleep(_SAMPLE_SECONDS)
    output, errors = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {errors[-1000:]}")
    return Measured(seconds, peak, output)


def tts_etl(*arguments: str) -> list[str]:
    """The command line of our loader."""
    return [str(_BIN / "tts-etl"), *arguments]


def module(name: str, *arguments: str) -> list[str]:
    """The command line of a module of this bench."""
    return [sys.executable, "-m", f"bench.{name}", *arguments]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for parent in found:
        try:
            tasks = list(Path(f"/proc/{parent}/task").iterdir())
            found += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def cpu_seconds(pid: int) -> float:
    """The processor time that a process and its descendants have used."""
    ticks = 0
    for one in tree(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _pss_mib(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("Pss:")), 0.0)
