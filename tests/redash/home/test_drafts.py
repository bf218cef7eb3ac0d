"""Changed files before they are written, and the writing: all or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from redash.errors import StalePlan, WrongUse
from redash.home.drafts import Drafts


def drafts(folder: Path) -> Drafts:
    """A file that changes, one that comes, and one that is only read."""
    (folder / "queries").mkdir()
    (folder / "queries/a.sql").write_text("old\n", encoding="utf-8")
    (folder / "groups.yaml").write_text("x: 1\n", encoding="utf-8")
    made = Drafts(folder)
    made.change("queries/a.sql", "new 总\n")
    made.change("alerts/b.yaml", "c: 2\n")
    made.change("groups.yaml", "x: 1\n")
    return made


def contents(folder: Path) -> dict[str, str]:
    """All files."""
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()
    }


def test_all_are_written_and_nothing_is_left_beside_them(tmp_path: Path):
    """What says the same as before is no change; modes stay."""
    made = drafts(tmp_path)
    (tmp_path / "queries/a.sql").chmod(0o640)
    made.write()

    assert contents(tmp_path) == {"queries/a.sql": "new 总\n", "alerts/b.yaml": "c: 2\n", "groups.yaml": "x: 1\n"}
    assert (tmp_path / "queries/a.sql").stat().st_mode & 0o777 == 0o640


def test_a_rehearsal_shows_them_in_a_copy(tmp_path: Path):
    """Which is gone afterwards; the folder itself stays."""
    made = drafts(tmp_path)
    before = contents(tmp_path)
    with made.rehearsed() as copy:
        rehearsed = contents(copy)

    assert rehearsed == before | {"queries/a.sql": "new 总\n", "alerts/b.yaml": "c: 2\n"}
    assert (contents(tmp_path), copy.exists()) == (before, False)


def test_a_file_that_changed_meanwhile_is_not_written_over(tmp_path: Path):
    """Nor is any other."""
    made = drafts(tmp_path)
    (tmp_path / "queries/a.sql").write_text("somebody's\n", encoding="utf-8")
    before = contents(tmp_path)

    with pytest.raises(StalePlan, match=r"a\.sql has changed meanwhile"):
        made.write()
    assert contents(tmp_path) == before


def test_where_one_cannot_be_written_the_others_are_put_back(tmp_path: Path):
    """Also the one that was new: here a file wants the name of a folder that comes with another."""
    made = drafts(tmp_path)
    before = contents(tmp_path)
    made.change("alerts", "no folder\n")

    with pytest.raises(WrongUse, match="can't write"):
        made.write()
    assert contents(tmp_path) == before


def test_a_copy_changes_by_itself(tmp_path: Path):
    """A trial leaves what it was made of."""
    made = drafts(tmp_path)
    trial = made.copy()
    trial.change("queries/a.sql", "else\n")

    assert (made.text("queries/a.sql"), trial.text("queries/a.sql")) == ("new 总\n", "else\n")
    assert list(made.diff())[:3] == ["--- /dev/null", "+++ b/alerts/b.yaml", "@@ -0,0 +1 @@"]
