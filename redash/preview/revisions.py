"""The specs folder as it stood at a revision of git, out of the way of the work tree."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redash.errors import WrongUse


@contextmanager
def specs_at(folder: Path, revision: str) -> Iterator[Path]:
    """A temporary folder with the files of `folder` at a revision; raises WrongUse for one that git does not know."""
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise WrongUse(
            f"{revision!r} is no revision of {folder}", "a branch, a tag or a commit, like origin/main or HEAD~1"
        )
    # From inside of a folder git packs what is below it, by names that begin there.
    packed = _git(folder, "archive", "--format=tar", commit.decode().strip())
    if packed is None:
        raise WrongUse(f"{folder} is not in git at {revision!r}", "--specs names another folder")
    with tempfile.TemporaryDirectory(prefix="tts-redash-") as before, tarfile.open(fileobj=io.BytesIO(packed)) as files:
        files.extractall(before, filter="data")
        yield Path(before)


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git prints, or None where it refuses; raises WrongUse where there is no git."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)  # noqa: S603, S607 - git of the one who asks
    except FileNotFoundError as error:
        raise WrongUse("--compare needs git", "install it") from error
    return done.stdout if done.returncode == 0 else None
