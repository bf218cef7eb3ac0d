"""The worker in other environments: the standard library alone, from Python 3.10 on, and no name that an engine has."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.tts_app.engines.hosting import FAKE, PCM, order
from tts_app.engines.spec import WORKER
from tts_app.worker.vox_worker.wire import encode_frame, read_frame

SOURCES = sorted(Path(WORKER).rglob("*.py"))
# What adapters import only once they know that their engine's environment has it.
ENGINES_OWN = {
    "torch",
    "torchaudio",
    "numpy",
    "soundfile",
    "indextts",
    "cosyvoice",
    "modelscope",
    "espeakng_loader",
    "janome",
}
BARE = (sys.executable, "-S", "-E")


def talk(*arguments: str, frames: bytes = b"", python: tuple[str, ...] = BARE) -> list[tuple[dict[str, Any], bytes]]:
    """What a worker answers until its stdin has ended."""
    done = subprocess.run([*python, WORKER, *arguments], input=frames, capture_output=True, timeout=120, check=False)
    out, found = io.BytesIO(done.stdout), []
    while (frame := read_frame(out)) is not None:
        found.append(frame)
    return found


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(WORKER)))
def test_every_source_is_for_python_3_10_and_imports_nothing_of_ours(source: Path) -> None:
    """Its syntax, and the modules at the top of it."""
    tree = ast.parse(source.read_text(), feature_version=(3, 10))

    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            imported.add(node.module.split(".")[0])
    assert imported <= sys.stdlib_module_names | ENGINES_OWN


def test_nothing_of_ours_has_a_name_that_an_engine_could_have() -> None:
    """The folder is in front of the path."""
    assert sorted(path.name for path in Path(WORKER).iterdir() if path.name != "__pycache__") == [
        "__init__.py",
        "__main__.py",
        "vox_worker",
    ]


def test_a_bare_python_speaks() -> None:
    """Without a single package installed, and without what the environment says."""
    hello = encode_frame(*order("hello").frame(1))
    process = subprocess.Popen([*BARE, WORKER, FAKE, "{}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        ready = read_frame(process.stdout)
        process.stdin.write(hello)
        process.stdin.flush()
        audio, last = read_frame(process.stdout), read_frame(process.stdout)
        process.stdin.close()
    assert ready is not None
    assert audio is not None
    assert last is not None
    assert (ready[0]["ready"], audio[1], last[0]["ok"], process.returncode) == (True, PCM, True, 0)


def test_a_python_without_the_voice_says_what_to_install() -> None:
    """The embedded voice in an environment that lacks it."""
    process = subprocess.Popen([*BARE, WORKER, "espeak", "{}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process:
        frame = read_frame(process.stdout)
    assert frame is not None
    header = frame[0]

    assert (header["ready"], header["hint"]) == (False, "pip install 'voxmeter[app]'")


def test_what_is_missing_is_told_without_loading() -> None:
    """By the adapter, as pairs of what and how; nothing where it has nothing to say."""
    [(header, _)] = talk("--missing", FAKE, json.dumps({"lacks": ["weights"], "broken": "dead"}))
    [(espeak, _)] = talk("--missing", "espeak", "{}")
    [(unknown, _)] = talk("--missing", "warp", "{}")

    assert header == {"missing": [["weights", "get weights"]]}
    assert [what for what, _ in espeak["missing"]] == ["espeakng_loader is not installed", "janome is not installed"]
    assert unknown["missing"][0][0] == "there is no engine 'warp'"


def test_a_python_that_is_too_old_says_so() -> None:
    """In a frame that any Python 3 can write, and not in a traceback that nobody sees."""
    old = (
        "import runpy, sys; sys.version_info = (3, 9, 18, 'final', 0); runpy.run_path(sys.argv[1], run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", old, WORKER], capture_output=True, timeout=120, check=True)

    frame = read_frame(io.BytesIO(done.stdout))
    assert frame is not None
    assert (frame[0]["ready"], frame[0]["error"]) == (False, "Python 3.9 is too old for a worker")
    assert frame[0]["missing"] == [[frame[0]["error"], frame[0]["hint"]]]
