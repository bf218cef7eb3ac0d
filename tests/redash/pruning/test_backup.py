"""The file of a prune."""

from __future__ import annotations

from pathlib import Path

import pytest

from redash.errors import WrongUse
from redash.pruning.backup import Backup, SavedQuery

BACKUP = Backup(
    server="https://redash.example.com",
    environment="default",
    made="2026-11-23T12:00:00+00:00",
    queries=[SavedQuery(key="query/totals", id=7, name="Totals", schedule={"interval": 300})],
)


def test_it_is_read_as_it_was_written(tmp_path: Path):
    """Every value."""
    BACKUP.write(tmp_path / "backup.json")

    assert Backup.read(tmp_path / "backup.json") == BACKUP


def test_a_backup_is_never_written_over(tmp_path: Path):
    """The first one may be all that is left."""
    path = tmp_path / "backup.json"
    path.write_text("precious", encoding="utf-8")

    with pytest.raises(WrongUse, match="is there already"):
        BACKUP.write(path)
    assert path.read_text(encoding="utf-8") == "precious"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path):
    """Before anything is archived."""
    with pytest.raises(WrongUse, match=r"can't write .*No such file or directory"):
        BACKUP.write(tmp_path / "nowhere" / "backup.json")


@pytest.mark.parametrize("text", ["{}", "no JSON", '{"format": "voxmeter-prune-2"}'])
def test_another_file_is_refused(tmp_path: Path, text: str):
    """Whatever it is."""
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(WrongUse, match="is no backup of a prune"):
        Backup.read(path)


def test_a_missing_file_is_told(tmp_path: Path):
    """With its name."""
    with pytest.raises(WrongUse, match=r"can't read .*backup\.json: No such file"):
        Backup.read(tmp_path / "backup.json")
