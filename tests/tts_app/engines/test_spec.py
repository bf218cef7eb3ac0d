"""How a worker is started: its Python, its options, its environment."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tts_app.engines.spec import WORKER, EngineSpec, embedded


def test_a_worker_is_a_folder_run_by_any_python() -> None:
    """With the kind and the options; each worker of several devices gets its own."""
    spec = EngineSpec(
        name="a", kind="indextts2", python="/v/bin/python", options={"x": 1}, devices=("cuda:0", "cuda:1")
    )

    assert spec.slots == 2
    assert spec.command(1, "--missing") == (
        "/v/bin/python",
        WORKER,
        "--missing",
        "indextts2",
        json.dumps({"x": 1, "device": "cuda:1"}),
    )
    assert Path(WORKER, "__main__.py").is_file()


def test_the_embedded_voice_runs_in_our_own_python() -> None:
    """As many workers as asked for, no options."""
    spec = embedded(3)

    assert (spec.slots, spec.command(2)) == (3, (sys.executable, WORKER, "espeak", "{}"))


def test_another_python_does_not_look_for_packages_of_ours(monkeypatch) -> None:
    """What points our own Python to packages stays here; what the operator sets goes along."""
    monkeypatch.setenv("PYTHONPATH", "/ours")

    assert embedded().environment()["PYTHONPATH"] == "/ours"
    other = EngineSpec(name="a", kind="cosyvoice", python="/v/bin/python", env={"PYTHONPATH": "/theirs", "A": "b"})
    assert (other.environment()["PYTHONPATH"], other.environment()["A"]) == ("/theirs", "b")
    assert "PYTHONPATH" not in EngineSpec(name="a", kind="cosyvoice", python="/v/bin/python").environment()
