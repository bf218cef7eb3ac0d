"""P3: the connection is cut around COMMIT, and whether it arrived is unknown: nothing is lost or doubled."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import pytest

from etl.errors import DatabaseAwayError
from tests.etl import lines
from tests.etl.loading import Loader, loader
from tests.etl.promises.cutting import Cutter


@pytest.mark.parametrize("forwarded", [True, False], ids=["after COMMIT", "before COMMIT"])
def test_a_connection_cut_around_commit_is_harmless(
    postgres: Any, postgres_template: str, tmp_path: Path, forwarded: bool
) -> None:
    """Each cut is told as a database that is away, and the next passes load each line once."""
    name = postgres.create(postgres_template)
    log = tmp_path / "tts.log"
    log.write_bytes(b"")
    told = 0
    # Sockets have short paths only, so a folder directly in /tmp.
    with tempfile.TemporaryDirectory(prefix="voxmeter-") as folder, loader(postgres.url(name)) as direct:
        rng = random.Random(3)  # noqa: S311
        cuts = {number for number in range(2, 1000) if rng.random() < 0.2}
        cutter = Cutter(Path(folder), postgres._folder, cuts, forwarded=forwarded)
        with loader(f"postgresql://postgres:@/{name}?host={folder}") as load:
            for part in range(30):
                with log.open("ab") as file:
                    file.write(lines.lines(part * 10 + 1, part * 10 + 10))
                told += one_pass(load, direct, log)
            while one_pass(load, direct, log):
                told += 1
        cutter.close()

        assert direct.seqs() == list(range(1, 301))
        size = log.stat().st_size
        assert direct.rows("SELECT n_ok, n_dup, committed, generation FROM ingest_stream") == [(300, 0, size, 0)]
        direct.check_books()
    assert (told > 10, told) == (True, sum(number <= cutter.commits for number in cuts))


def one_pass(load: Loader, direct: Loader, log: Path) -> int:
    """A pass; 1 where it was cut. What it claims to have loaded is there."""
    before = len(direct.seqs())
    try:
        claimed = load.load(log).counts().ok
    except DatabaseAwayError:
        return 1
    assert len(direct.seqs()) == before + claimed
    return 0
