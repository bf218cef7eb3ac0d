"""P1, P9–P15, P25, P29, P32 by random lives on PostgreSQL (see lives.py): one database, emptied before each.

A failing seed is in the test's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.etl.lives import live_through, memory_folder
from tests.etl.loading import Loader, loader

BOOKS = ("anchor", "batch", "quarantine", "file_seen", "stream")


@pytest.fixture(scope="module")
def load(postgres: Any, postgres_template: str) -> Iterator[Loader]:
    """A loader of one database that doesn't wait for the disk: lives are about order, not about power cuts."""
    name = postgres.create(postgres_template)
    with loader(postgres.url(name)) as first:
        first.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with loader(postgres.url(name)) as made:
        yield made


@pytest.mark.parametrize("seed", range(1000, 1300))
def test_a_random_life_on_postgresql(seed: int, load: Loader) -> None:
    """Whatever happens to the files and whenever the loader dies, the law holds."""
    for table in ("tts_request", *(f"ingest_{name}" for name in BOOKS)):
        load.execute(f"DELETE FROM {table}")
    with memory_folder() as folder:
        live_through(folder, load, seed)
