"""One sentence with an engine of its own: the line it leaves where the engine fails, or somebody stops it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tts_app.engines.spec import EngineSpec
from tts_app.errors import AppError, RequestFailed
from tts_app.saying import Setup, say
from tts_app.synthesis import Order

from .conftest import Lines, wait_for

FAKE = Path(__file__).with_name("engines") / "fake_engine.py"


def spoken(folder: Path, text: str, **options: Any) -> AppError | None:
    """What became of `text` with the fake engine."""
    setup = Setup(
        engine=EngineSpec(name="fake", kind=str(FAKE), options=options),
        instance="desk",
        log=folder / "tts.log",
        state_dir=folder / "state",
        hash_key_file=None,
        max_chars=100,
        synthesis_seconds=60.0,
        inline_tags=True,
    )
    try:
        say(setup, Order(text=text), lambda _: None, lambda _: None)
    except RequestFailed as exc:
        return exc
    return None


def test_a_sentence_leaves_one_line(tmp_path: Path) -> None:
    """With the time to load in its total, and who asked as a hash."""
    assert spoken(tmp_path, "hello") is None

    [line] = Lines(tmp_path / "tts.log").all()
    assert (line["source"], line["status"], line["engine"], line["model"]) == ("cli", "ok", "fake", "fake/one")
    assert len(line["client_hash"]) == 16
    assert line["queue_seconds"] + line["synthesis_seconds"] < line["total_seconds"]


@pytest.mark.parametrize(
    ("text", "code", "stage"),
    [("die", "ENGINE_CRASH", "synth"), ("fail OOM_GPU", "OOM_GPU", "synth"), ("silence", "BAD_OUTPUT", "synth")],
)
def test_an_engine_that_fails_is_one_line_too(tmp_path: Path, text: str, code: str, stage: str) -> None:
    """With its code."""
    error = spoken(tmp_path, text)

    [line] = Lines(tmp_path / "tts.log").all()
    assert isinstance(error, RequestFailed)
    assert error.code == line["error_code"] == code
    assert line["error_stage"] == stage


def test_an_engine_that_can_not_be_loaded_says_why(tmp_path: Path) -> None:
    """To the user its own words and hint, in the line the code alone."""
    error = spoken(tmp_path, "hello", broken="unready")

    [line] = Lines(tmp_path / "tts.log").all()
    assert isinstance(error, RequestFailed)
    assert (str(error), error.hint) == ("the weights are not there", "get the weights")
    assert (line["error_code"], line["error_stage"], line["engine"]) == ("ENGINE_UNAVAILABLE", "load", "fake")
    assert "weights" not in json.dumps(line)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_stops_it_gets_a_cancelled_line(tmp_path: Path, number: int) -> None:
    """In mid-synthesis: one line, exit code 1, no file, and the worker is gone."""
    (tmp_path / "engines.toml").write_text(f'[engines.fake]\nkind = "{FAKE}"\n', encoding="utf-8")
    command = [sys.executable, "-m", "tts_app.cli", "say", "freeze", "-o", str(tmp_path / "out.wav")]
    command += ["--engines", str(tmp_path / "engines.toml"), "--log", str(tmp_path / "tts.log")]
    process = subprocess.Popen([*command, "--state-dir", str(tmp_path / "state")], stderr=subprocess.PIPE, text=True)
    worker = wait_for(lambda: frozen_child(process.pid))

    process.send_signal(number)

    _, told = process.communicate(timeout=120)
    [line] = Lines(tmp_path / "tts.log").all()
    assert (process.returncode, told) == (1, "error: stopped before the audio was there\n")
    assert (line["status"], line["error_code"], line["error_stage"]) == ("cancelled", "CANCELLED", "synth")
    assert not Path(f"/proc/{worker}").exists()
    assert not (tmp_path / "out.wav").exists()


def frozen_child(pid: int) -> int | None:
    """The child of `pid` that has stopped itself, once it has."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    stopped = [
        child for child in children if Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    ]
    return int(stopped[0]) if stopped else None
