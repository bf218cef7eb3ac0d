"""The kill rig for some seconds on each database; `make soak` runs it for as long as one says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("database", "mode"), [("sqlite", "rename"), ("postgresql", "mix")])
def test_killed_importers_lose_and_double_nothing(database: str, mode: str) -> None:
    """P1, P10: two writers, rotation and two importers under SIGKILL; enough kills hit inside of a transaction."""
    rig = [sys.executable, "-m", "tests.soak", "--length", "12s", "--json", "--database", database, "--mode", mode]
    done = subprocess.run(rig, cwd=ROOT, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout or "{}")

    assert (done.returncode, found.get("breaches")) == (0, []), done.stderr
    assert (found["rows"] > 1000, found["kills_inside"] > 5) == (True, True)
