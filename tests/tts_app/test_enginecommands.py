"""`tts-app engines` as typed: its table, its JSON, its exit codes; and one neural stand-in through the whole of it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.tts_app.adapters.conftest import STUBS, checkpoint, recording
from tts_app.worker.vox_worker.checkpoints import INDEXTTS_FILES


def typed(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tts_app.cli", "engines", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_the_list_of_engines(tmp_path: Path):
    """A row for each of the file, as a table and as JSON; what is missing doesn't make listing fail."""
    path = tmp_path / "engines.toml"
    path.write_text('[engines.voice]\nkind = "espeak"\n[engines.remote]\nkind = "http"\n')
    table = typed("--engines", str(path))
    listed = typed("--engines", str(path), "--json")

    assert (table.returncode, listed.returncode) == (0, 0)
    assert [word in table.stdout for word in ("voice", "ready", "remote", "incomplete", "option url")] == [True] * 5
    rows: list[dict[str, Any]] = json.loads(listed.stdout)
    assert [(row["name"], row["kind"], row["state"]) for row in rows] == [
        ("voice", "espeak", "ready"),
        ("remote", "http", "incomplete"),
    ]
    hint = 'url = "http://HOST:PORT/v1/audio/speech"'
    assert rows[1]["missing"] == [{"what": "option url is missing", "hint": hint}]


def test_a_check_fails_where_something_is_missing(tmp_path: Path):
    """Exit code 1, each thing once with what brings it."""
    done = typed("check", "indextts2", "--model-dir", str(tmp_path), "--set", "version=2.5")

    assert done.returncode == 1
    assert done.stdout.startswith("indextts2: incomplete\n")
    assert "the file codec.pth" in done.stdout
    assert done.stdout.count(f"hf download IndexTeam/IndexTTS-2.5 --local-dir {tmp_path}") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("check", "klingon"),
            "error: there is no engine 'klingon'\nhint: one of espeak, indextts2, cosyvoice, http\n",
        ),
        (
            ("check", "espeak", "--set", "a"),
            "error: --set a has no value\nhint: --set NAME=VALUE, such as --set version=2.5\n",
        ),
    ],
)
def test_wrong_use(words: tuple[str, ...], message: str):
    """Exit code 2, one line and a hint."""
    done = typed(*words)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed (.ci/run installs it)")
def test_a_neural_engine_is_tried_out(tmp_path: Path):
    """A real process, a real Python, a stand-in of the engine: loaded, heard, kept; its text is in no output."""
    model = checkpoint(tmp_path / "checkpoints", INDEXTTS_FILES["2.5"])
    (tmp_path / "anna.wav").write_bytes(recording())
    done = typed(
        "check", "indextts2", "--python", sys.executable, "--model-dir", str(model), "--repo", str(STUBS), "--device", "cpu",
        "--speak", "canary", "--language", "en", "--reference", str(tmp_path / "anna.wav"),
        "--out", str(tmp_path / "out.wav"), "--json",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["state"], told["missing"]) == ("ready", [])
    trial = told["trial"]
    assert (trial["model"], trial["device"], trial["sample_rate_hz"]) == ("IndexTTS-2.5", "cpu", 22050)
    assert set(trial["stage_seconds"]) == {"frontend", "reference", "gpt", "gpt_forward", "s2mel", "vocoder", "other"}
    assert trial["audio_seconds"] == round(512 * (4 * 9 + 1) / 22050, 3)
    assert "canary" not in done.stdout + done.stderr
    assert (tmp_path / "out.wav").stat().st_size == 44 + 2 * 512 * (4 * 9 + 1)
