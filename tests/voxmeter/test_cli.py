"""The command line of `voxmeter`: errors are one line and a hint."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from voxmeter.cli import check_room, folder_errors
from voxmeter.errors import SetupError


def voxmeter(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "voxmeter"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such"], "error: No such command 'no-such'."),
        (["demo", "--requests", "3"], "error: Invalid value for '--requests': 3 is not in the range 20<=x<=900."),
    ],
)
def test_wrong_use_is_one_line_and_a_hint(arguments: list[str], message: str):
    """An unknown command and a wrong value end with 2."""
    done = voxmeter(*arguments)

    assert (done.returncode, done.stderr.splitlines()) == (2, [message, "hint: voxmeter --help lists what there is"])


def test_a_folder_that_cannot_be_made_is_one_line_and_a_hint(tmp_path: Path):
    """A file in the way: exit code 2, an error and what to do, no traceback."""
    (tmp_path / "file").write_text("")
    done = voxmeter("demo", "--once", "--dir", str(tmp_path / "file" / "demo"))

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"error: cannot write to {tmp_path}/file/demo: Not a directory",
        "hint: name another folder: voxmeter demo --dir /path/to/folder",
    ]


def test_a_disk_that_is_nearly_full_is_told_before_the_start(tmp_path: Path):
    """Too little room is an error that names both figures."""
    with pytest.raises(SetupError, match=r"has 199 MB free, the demo needs 200 MB"):
        check_room(tmp_path, 199)
    check_room(tmp_path, 200)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.EROFS, "cannot write to d: Read-only file system"),
        (errno.EACCES, "cannot write to d: Permission denied"),
        (errno.ENOSPC, "the disk of d is full"),
    ],
)
def test_errors_of_the_folder_become_ours(number: int, message: str):
    """A read-only folder and a full disk while the demo runs are told as such."""
    with pytest.raises(SetupError) as told, folder_errors(Path("d")):
        raise OSError(number, os.strerror(number))

    assert (str(told.value), bool(told.value.hint)) == (message, True)


def test_other_errors_are_not_hidden():
    """What is no matter of the folder stays what it is."""
    with pytest.raises(BrokenPipeError), folder_errors(Path("d")):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")
