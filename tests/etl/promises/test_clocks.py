"""P23: no clock decides anything, neither the loader's nor the files' times."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.etl import lines
from tests.etl.loading import loader

ROOT = Path(__file__).parents[3]
#: What the clock says at the start of a run, and from its first rows on.
STEPS = [("-10y", "+10y"), ("+10y", "-10y"), ("+0", "-1d"), ("-10y", "+0")]


@pytest.mark.needs("faketime")
def test_a_clock_that_is_years_off_and_steps_within_a_run(database_url: str, tmp_path: Path) -> None:
    """Each run takes its time from libfaketime, and its clock steps in its first transaction: the same table."""
    named = subprocess.run(
        ["faketime", "-f", "+0", "printenv", "LD_PRELOAD"], capture_output=True, text=True, check=True
    )
    log, clock = tmp_path / "tts.log", tmp_path / "clock"
    fake = {
        "LD_PRELOAD": named.stdout.strip(), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
    }  # fmt: skip
    years = []
    for turn, (first, then) in enumerate(STEPS):
        archive = tmp_path / f"tts.log.{len(STEPS) - turn}.gz"
        archive.write_bytes(gzip.compress(lines.lines(turn * 20 + 1, turn * 20 + 10)))
        with log.open("ab") as file:
            file.write(lines.lines(turn * 20 + 11, turn * 20 + 20))
        for path, year in ((archive, 2016 + turn), (log, 2040 - turn)):
            moment = datetime(year, 1, 1, tzinfo=UTC).timestamp()
            os.utime(path, (moment, moment))
        clock.write_text(first)
        command = [sys.executable, "-m", "tests.etl.promises.stepping", database_url, str(log), str(clock), then]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **fake}, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        years.append(json.loads(done.stdout))

    now = datetime.now(UTC).year
    assert [[year - now for year in of_run] for of_run in years][:2] == [[-10, 10], [10, -10]]
    with loader(database_url) as load:
        assert load.seqs() == list(range(1, len(STEPS) * 20 + 1))
        books = "SELECT SUM(n_ok), SUM(n_dup), SUM(n_replayed), SUM(n_quarantined), SUM(generation) FROM ingest_stream"
        assert load.rows(books) == [(len(STEPS) * 20, 0, 0, 0, 0)]
        load.check_books()
