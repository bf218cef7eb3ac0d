"""`make setup` where it can't work: one line that says why, one that says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "cat", "cksum", "awk", "df", "dirname", "mkdir", "rm", "pwd")


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path) -> Path:
    """A checkout with the script, and a PATH that holds a few tools and no Python."""
    folder = tmp_path / "checkout"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "setup", folder / "scripts" / "setup")
    shutil.copy(ROOT / "pyproject.toml", folder)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        if found:
            (tmp_path / "bin" / tool).symlink_to(found)
    return folder


def program(checkout: Path, name: str, text: str) -> Path:
    path = checkout.parent / "bin" / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!{shutil.which('sh')}\n{text}\n")
    path.chmod(0o755)
    return path


def python(checkout: Path, name: str, version: str, *, complete: bool = True) -> Path:
    """A Python of that version, as far as the script asks it: version_info, venv, platform."""
    new = int(version.split(".")[1]) >= 11
    return program(
        checkout,
        name,
        f'case "$*" in *version_info*) exit {0 if new else 1};; *ensurepip*) exit {0 if complete else 1};; '
        f'*python_version*) echo {version};; *) echo called: "$@";; esac',
    )


def setup(checkout: Path, **environment: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        ["scripts/setup", "app,preview"], cwd=checkout, capture_output=True, text=True, check=False,
        env={"PATH": str(checkout.parent / "bin"), "HOME": str(checkout.parent), **environment},
    )  # fmt: skip
    return done.returncode, done.stderr.splitlines()


def test_a_python_that_is_too_old_is_named(checkout: Path):
    """All that were found are named with their versions, and the way out."""
    old = python(checkout, "python3", "3.9.2")
    older = python(checkout, "python", "3.7.3")

    assert setup(checkout, MAKE_GOAL="demo") == (
        1,
        [
            f"error: Voxmeter needs Python 3.11 or newer; found: {old} (3.9.2), {older} (3.7.3)",
            "hint: install one (https://www.python.org/downloads/) or name it: make demo PYTHON=/path/to/python3",
        ],
    )


def test_no_python_at_all_is_told(checkout: Path):
    """None found is said so."""
    code, lines = setup(checkout)

    assert (code, lines[0]) == (1, "error: Voxmeter needs Python 3.11 or newer; found: none")


def test_a_newer_python_under_another_name_is_taken(checkout: Path):
    """python3 may be old where python3.12 stands beside it."""
    python(checkout, "python3", "3.9.2")
    newer = python(checkout, "python3.12", "3.12.1")
    # The fake makes no environment, so the run ends at pip; what counts is which one was chosen.
    code, lines = setup(checkout)

    assert lines[0] == f"Installing into .venv with {newer} (app,preview; about a minute) …"
    assert code != 0


def test_a_python_without_venv_is_told(checkout: Path):
    """Debian's python3 has no ensurepip until python3-venv is installed."""
    bare = python(checkout, "python3", "3.11.2", complete=False)

    assert setup(checkout) == (
        1,
        [
            f"error: {bare} has no module venv or ensurepip",
            "hint: on Debian and Ubuntu: apt install python3-venv, then run make again",
        ],
    )


def test_a_folder_that_cannot_be_written_is_told(checkout: Path):
    """Something in the way of .venv (as a read-only folder would be)."""
    python(checkout, "python3", "3.12.1")
    (checkout / ".venv").write_text("")

    assert setup(checkout) == (
        1,
        [
            f"error: cannot write to {checkout}",
            "hint: the folder is read-only, full or somebody else's: clone into a folder of your own with 2 GB free",
        ],
    )


def test_a_full_disk_is_told_before_anything_is_installed(checkout: Path):
    """Too little room is an error that names both figures."""
    python(checkout, "python3", "3.12.1")
    program(checkout, "df", "echo Filesystem; echo /dev/sda1 1000 900 123 90% /")

    assert setup(checkout) == (
        1,
        [
            f"error: the disk of {checkout} has 123 MB free, the environment needs 1500 MB",
            "hint: free some space or clone onto another disk",
        ],
    )


def test_started_again_nothing_is_done(checkout: Path):
    """An environment of this pyproject.toml is left as it is, also one with more extras."""
    stamp = subprocess.run(
        ["cksum", "pyproject.toml"], cwd=checkout, capture_output=True, text=True, check=True, env=dict(os.environ)
    ).stdout
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / ".installed-app,preview,dev").write_text(stamp)

    assert setup(checkout) == (0, [])
