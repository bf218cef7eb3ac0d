"""The kill rig for some seconds on each database; `make soak` runs it for as long as one says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


RUNS = {
    "sqlite": ("--mode", "rename", "--road", "live", "--length", "12s"),
    "postgresql": ("--mode", "mix", "--road", "live", "--length", "12s"),
    "sqlite, packed": ("--mode", "rename", "--road", "packed", "--length", "5s"),
    "postgresql, packed": ("--mode", "rename", "--road", "packed", "--length", "5s"),
}


@pytest.mark.parametrize("name", RUNS)
def test_killed_importers_lose_and_double_nothing(name: str) -> None:
    """P1, P10: two writers, rotation and two importers under SIGKILL; enough kills hit inside of a transaction."""
    rig = [sys.executable, "-m", "tests.soak", "--json", "--database", name.split(",")[0], *RUNS[name]]
    done = subprocess.run(rig, cwd=ROOT, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout or "{}")

    assert (done.returncode, found.get("breaches")) == (0, []), done.stderr
    assert found["rows"] > 1000
    assert (found["kills_at"].get("decoder", 0) > 0) == ("packed" in name)
