"""The file of engines: what becomes of each key, and what is said of one that can't be used."""

from __future__ import annotations

import dataclasses
import re
import sys
from pathlib import Path

import pytest

from tts_app.enginefile import read_engines
from tts_app.engines.spec import EngineSpec
from tts_app.errors import ConfigError
from tts_app.worker.vox_worker.adapter import Unavailable
from tts_app.worker.vox_worker.adapters import cosyvoice, http, indextts2

FILE = """
[engines.studio]
kind = "indextts2"
python = "/opt/index-tts/.venv/bin/python"
devices = ["cuda:0", "cuda:1"]
recycle_after = 500
env = { CUDA_LAUNCH_BLOCKING = "1" }
model_dir = "/opt/index-tts/checkpoints"
version = "2.5"

[engines.espeak]
workers = 2

[engines.remote]
kind = "http"
url = "http://10.0.0.5:8000/v1/audio/speech"
start_seconds = 5
warm_up = true
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "engines.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_three(tmp_path: Path):
    """In the order of the file; what the service doesn't know is the adapter's; big models get time and a warm-up."""
    assert read_engines(written(tmp_path, FILE)) == (
        EngineSpec(
            name="studio",
            kind="indextts2",
            python="/opt/index-tts/.venv/bin/python",
            options={"model_dir": "/opt/index-tts/checkpoints", "version": "2.5"},
            env={"CUDA_LAUNCH_BLOCKING": "1"},
            devices=("cuda:0", "cuda:1"),
            recycle_after=500,
            warm_up=True,
            start_seconds=600.0,
        ),
        EngineSpec(name="espeak", kind="espeak", python=sys.executable, workers=2),
        EngineSpec(
            name="remote",
            kind="http",
            options={"url": "http://10.0.0.5:8000/v1/audio/speech"},
            warm_up=True,
            start_seconds=5.0,
        ),
    )


WRONG = {
    "no TOML": ("[engines", "is no TOML"),
    "no tables": ("", "has no tables"),
    "a table of something else": ("[engines.espeak]\n[server]\nport = 1", "has no tables"),
    "an engine that is no table": ("[engines]\nespeak = 1", r"\[engines.espeak\] can't be used"),
    "a name that can't be": ('[engines."a b"]\nkind = "espeak"', r"\[engines.a b\] can't be used"),
    "a kind that isn't there": ("[engines.studio]", r"\[engines.studio\] has a kind"),
    "a file that is near": ('[engines.studio]\nkind = "mine.py"', r"\[engines.studio\] has a kind"),
    "no worker": ("[engines.espeak]\nworkers = 0", r"\[engines.espeak\] has a workers"),
    "a flag for a number": ("[engines.espeak]\nworkers = true", r"\[engines.espeak\] has a workers"),
    "a Python that is none": ("[engines.espeak]\npython = 3", r"\[engines.espeak\] has a python"),
    "devices that are none": ('[engines.espeak]\ndevices = "cuda:0"', r"\[engines.espeak\] has a devices"),
    "an environment of numbers": ("[engines.espeak]\nenv = { A = 1 }", r"\[engines.espeak\] has a env"),
    "no time": ("[engines.espeak]\nstart_seconds = 0", r"\[engines.espeak\] has a start_seconds"),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_what_cant_be_used(tmp_path: Path, text: str, message: str):
    """Exit code 2, with the table and the key in the message and what it may be in the hint."""
    with pytest.raises(ConfigError, match=message) as caught:
        read_engines(written(tmp_path, text))
    assert caught.value.hint
    assert caught.value.exit_code == 2


def test_a_file_that_isnt_there(tmp_path: Path):
    """Said by its name."""
    with pytest.raises(ConfigError, match=r"nowhere\.toml can't be read"):
        read_engines(tmp_path / "nowhere.toml")


def test_an_adapter_of_ones_own(tmp_path: Path):
    """An absolute path of a file stands for a kind."""
    text = '[engines.mine]\nkind = "/opt/mine/adapter.py"'

    assert read_engines(written(tmp_path, text))[0].kind == "/opt/mine/adapter.py"


def tables_of_the_page() -> list[str]:
    page = (Path(__file__).parents[2] / "docs" / "engines.md").read_text(encoding="utf-8")
    return re.findall(r"^```toml\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", tables_of_the_page())
def test_the_tables_of_the_page_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str):
    """docs/engines.md shows no key that the service or an adapter would refuse."""
    monkeypatch.setenv("KOKORO_KEY", "x")
    options = {"indextts2": indextts2.Options, "cosyvoice": cosyvoice.Options, "http": http.Options}
    for spec in read_engines(written(tmp_path, text)):
        assert spec.kind == "espeak" or options[spec.kind](spec.options)


def test_the_page_names_every_key():
    """Each key that an adapter or the service takes stands in docs/engines.md."""
    page = (Path(__file__).parents[2] / "docs" / "engines.md").read_text(encoding="utf-8")
    taken = {"kind", *(field.name for field in dataclasses.fields(EngineSpec))} - {"name", "options"}
    for kind, options in (("indextts2", {}), ("cosyvoice", {}), ("http", {"url": "http://127.0.0.1/generate"})):
        adapter = {"indextts2": indextts2, "cosyvoice": cosyvoice, "http": http}[kind]
        with pytest.raises(Unavailable) as caught:
            adapter.Options({**options, "nonsense": 1})
        taken |= set(caught.value.hint.removeprefix("known here: ").split(", "))

    assert [
        key for key in sorted(taken) if f"`{key}`" not in page and not re.search(rf"^{key} = ", page, re.MULTILINE)
    ] == []
