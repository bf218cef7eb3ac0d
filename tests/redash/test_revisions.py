"""The specs as they stood in git."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from redash.errors import WrongUse
from redash.preview.revisions import specs_at


@pytest.fixture
def versioned(specs: Callable[..., Path]) -> Path:
    """The small pack in a folder of a repository: committed, tagged, then changed."""
    folder = specs()
    name = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for arguments in (("init", "-q"), ("add", "."), (*name, "commit", "-q", "-m", "Begin"), ("tag", "begun")):
        subprocess.run(["git", "-C", str(folder.parent), *arguments], check=True)
    (folder / "queries" / "calls.sql").write_text("-- title: changed\n", encoding="utf-8")
    (folder / "queries" / "new.sql").write_text("-- title: new\n", encoding="utf-8")
    return folder


def test_the_folder_is_as_it_was(versioned: Path):
    """Its own files by their names, and gone afterwards; the work tree stays as it is."""
    with specs_at(versioned, "begun") as before:
        found = {path.relative_to(before).as_posix() for path in before.rglob("*") if path.is_file()}
        assert found == {"charts/calls.yaml", "dashboards/board.yaml", "queries/calls.sql", "queries/instances.sql"}
        assert (before / "queries" / "calls.sql").read_text(encoding="utf-8").startswith("-- title: {en: Calls")

    assert not before.exists()
    assert (versioned / "queries" / "calls.sql").read_text(encoding="utf-8") == "-- title: changed\n"


@pytest.mark.parametrize("revision", ["never", "--output=/tmp/x", ""])
def test_an_unknown_revision_is_told(versioned: Path, revision: str):
    """Also one that looks like an option."""
    with pytest.raises(WrongUse, match="is no revision of"), specs_at(versioned, revision):
        pass


def test_a_folder_that_is_in_no_repository_is_told(specs: Callable[..., Path]):
    """The pack that is installed, for example."""
    with pytest.raises(WrongUse, match="is no revision of"), specs_at(specs(), "HEAD"):
        pass
