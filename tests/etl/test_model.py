"""P1, P9–P15, P25, P29, P32 by random lives on SQLite (see lives.py); test_model_postgresql.py has the others.

A failing seed is in the test's name.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.etl.lives import live_through, memory_folder
from tests.etl.loading import loader


@pytest.mark.parametrize("seed", range(300))
def test_a_random_life_on_sqlite(seed: int, sqlite_template: Path) -> None:
    """Whatever happens to the files and whenever the loader dies, the law holds."""
    with memory_folder() as folder:
        shutil.copy(sqlite_template, folder / "tts.db")
        (folder / "logs").mkdir()
        with loader(f"sqlite:///{folder}/tts.db") as load:
            live_through(folder / "logs", load, seed)


def test_lives_end_inside_of_transactions(sqlite_template: Path, tmp_path: Path) -> None:
    """The random lives are worth something: many of them die between a transaction's begin and its commit."""
    deaths = 0
    for seed in range(3):
        folder = tmp_path / str(seed)
        folder.mkdir()
        shutil.copy(sqlite_template, folder / "tts.db")
        with loader(f"sqlite:///{folder}/tts.db") as load:
            deaths += live_through(folder, load, seed, 60).deaths

    assert deaths >= 5
