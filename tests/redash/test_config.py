"""Where the specs are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from redash.config import PACKAGED, specs_folder
from redash.errors import WrongUse


def test_the_folder_beside_wins_over_the_pack(tmp_path: Path):
    """./redash counts only if it holds queries."""
    assert specs_folder(None, tmp_path) == PACKAGED
    (tmp_path / "redash" / "queries").mkdir(parents=True)
    assert specs_folder(None, tmp_path) == PACKAGED
    (tmp_path / "redash" / "queries" / "a.sql").touch()
    assert specs_folder(None, tmp_path) == tmp_path / "redash"


def test_a_named_folder_without_queries_is_wrong_use(tmp_path: Path):
    """The pack that ships never stands in for a folder that was asked for."""
    with pytest.raises(WrongUse, match="holds no queries"):
        specs_folder(tmp_path, tmp_path)
