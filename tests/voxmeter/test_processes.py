"""Child processes: ready, ended, told to stop."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from voxmeter.errors import CommandFailed, SetupError
from voxmeter.processes import Child, ask, command_path, run


def script(folder: Path, name: str, text: str) -> str:
    """A command of that name, written in Python."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport json, os, signal, sys, threading\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture(autouse=True)
def _on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")


def test_a_child_is_ready_with_its_line_and_ends_on_sigterm(tmp_path: Path):
    """ready() returns the JSON; leaving the context sends SIGTERM and waits."""
    script(
        tmp_path,
        "stays",
        "done = threading.Event()\n"
        "signal.signal(signal.SIGTERM, lambda *_: done.set())\n"
        "print(json.dumps({'url': 'http://x', 'got': sys.argv[1:]}), flush=True)\n"
        "done.wait()\n"
        "open(os.path.join(os.path.dirname(__file__), 'ended'), 'w').close()",
    )
    with Child("stays", "serve", "--json") as child:
        answer = child.ready()
        running = child.ended()

    assert (answer, running, child.ended()) == ({"url": "http://x", "got": ["serve", "--json"]}, None, 0)
    assert (tmp_path / "ended").exists()


def test_a_child_that_ends_before_it_is_ready_is_an_error(tmp_path: Path):
    """Its exit code becomes ours."""
    script(tmp_path, "dies", "sys.exit(75)")

    with (
        Child("dies", "serve") as child,
        pytest.raises(CommandFailed, match="dies serve ended with exit code 75") as told,
    ):
        child.ready()

    assert told.value.exit_code == 75


def test_a_command_that_fails_is_an_error(tmp_path: Path):
    """run() and ask() pass the exit code on; ask() takes an allowed one."""
    script(tmp_path, "counts", "print(json.dumps({'got': sys.argv[1:]})); sys.exit(int(sys.argv[2]))")

    assert ask("counts", "go", "1", allowed=(0, 1)) == {"got": ["go", "1", "--json"]}
    with pytest.raises(CommandFailed) as told:
        run("counts", "go", "2")
    with pytest.raises(CommandFailed):
        ask("counts", "go", "1")
    assert told.value.exit_code == 2


def test_a_command_that_is_not_installed_is_named():
    """A missing command is a matter of installation, with the way out."""
    with pytest.raises(SetupError, match="no-such-command is not installed"):
        command_path("no-such-command")
