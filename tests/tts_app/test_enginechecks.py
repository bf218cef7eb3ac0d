"""What an engine lacks, asked of a real Python; and a first sentence spoken by the embedded voice."""

from __future__ import annotations

import time
import wave
from pathlib import Path

import pytest

from tts_app.enginechecks import Check, CheckFailed, Lack, check, gpu_names, try_out, write_wav
from tts_app.engines.progress import EngineOrder, Limits
from tts_app.engines.spec import EngineSpec

LIMITS = Limits(synthesis_seconds=120, hang_seconds=120)


def drivers(folder: Path) -> Path:
    """What an NVIDIA driver shows of two GPUs."""
    for number in (0, 1):
        (folder / f"0000:0{number}:00.0").mkdir(parents=True)
        text = f"Model: \t\t NVIDIA GeForce RTX 409{number}\nIRQ:   \t\t 42\n"
        (folder / f"0000:0{number}:00.0" / "information").write_text(text)
    return folder


def python_of(folder: Path, version: str) -> str:
    """A Python that is of another version."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    return str(path)


def test_an_engine_that_has_everything(tmp_path: Path):
    """The embedded one, in this Python."""
    found = check(EngineSpec(name="voice", kind="espeak"), gpus=drivers(tmp_path))

    assert found.state == "ready"
    assert found.missing == ()
    assert found.python_version is not None
    assert found.gpus == ("NVIDIA GeForce RTX 4090", "NVIDIA GeForce RTX 4091")


def test_what_a_checkpoint_lacks(tmp_path: Path):
    """Its folder stands in the command that fetches it."""
    spec = EngineSpec(name="studio", kind="indextts2", options={"model_dir": str(tmp_path), "version": "1.5"})
    found = check(spec, gpus=tmp_path)

    assert found.state == "incomplete"
    hint = f"hf download IndexTeam/IndexTTS-1.5 --local-dir {tmp_path} (docs/engines.md)"
    assert found.missing[-1] == Lack(what="the file bigvgan_generator.pth", hint=hint)
    assert "the Python package indextts" in [lack.what for lack in found.missing]


@pytest.mark.parametrize("version", ["3.9.18", "nonsense"])
def test_another_python(tmp_path: Path, version: str):
    """One that isn't there, that is too old, or that is no Python is all there is to say."""
    too_old = version.startswith("3.9")
    spec = EngineSpec(name="studio", kind="indextts2", python=python_of(tmp_path, version))

    assert check(spec, gpus=tmp_path) == Check(
        name="studio",
        kind="indextts2",
        python=spec.python,
        python_version=version if too_old else None,
        gpus=(),
        missing=(
            Lack(what="a newer Python", hint="a worker needs 3.10 or newer")
            if too_old
            else Lack(
                what=f"a Python at {spec.python}",
                hint="python names the interpreter of the engine's own environment, such as "
                "/opt/index-tts/.venv/bin/python",
            ),
        ),
    )


def test_a_python_in_which_no_worker_runs(tmp_path: Path):
    """It has a version, and then does something else."""
    found = check(EngineSpec(name="studio", kind="indextts2", python=python_of(tmp_path, "3.12.1")), gpus=tmp_path)

    assert [lack.what for lack in found.missing] == ["a worker that runs in this Python"]


def test_a_gpu_that_isnt_there(tmp_path: Path):
    """Only where one is asked for by name."""
    spec = EngineSpec(name="voice", kind="espeak", devices=("cuda:0",))

    assert [lack.what for lack in check(spec, gpus=tmp_path).missing][:1] == ["a GPU"]
    assert gpu_names(drivers(tmp_path)) == ("NVIDIA GeForce RTX 4090", "NVIDIA GeForce RTX 4091")


def test_a_first_sentence(tmp_path: Path):
    """Loaded, spoken and ended; the figures are those of the log line."""
    spec = EngineSpec(name="voice", kind="espeak")
    trial = try_out(spec, EngineOrder(text="hello", language="en", speaker=None), LIMITS, time.perf_counter)
    write_wav(tmp_path / "hello.wav", trial)

    assert trial.info.model == "espeak-ng"
    assert 0.2 < trial.audio_seconds < 2
    assert trial.rtf > 0
    assert set(trial.figures["stage_seconds"]) == {"frontend", "synth"}
    with wave.open(str(tmp_path / "hello.wav")) as sound:
        assert (sound.getframerate(), sound.readframes(10**6)) == (22050, trial.pcm)


def test_what_cant_be_loaded_or_spoken(tmp_path: Path):
    """The worker's own words for what is missing; the code of an order that fails."""
    order = EngineOrder(text="hello", language="", speaker=None)
    lacking = EngineSpec(name="studio", kind="indextts2", options={"model_dir": str(tmp_path / "nowhere")})
    with pytest.raises(CheckFailed, match="studio can't be loaded: the "):
        try_out(lacking, order, LIMITS, time.perf_counter)

    spec = EngineSpec(name="voice", kind="espeak")
    with pytest.raises(CheckFailed, match=r"voice was loaded, but does not speak: [A-Z_]+"):
        try_out(spec, EngineOrder(text="hello", language="xx", speaker="nobody"), LIMITS, time.perf_counter)
