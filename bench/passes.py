"""A pass with nothing new over one live file and 30 archives, against the import of SQLAlchemy alone."""

from __future__ import annotations

import gzip
import shutil
import sys
import time
from pathlib import Path

from bench.databases import Databases
from bench.figures import Figure
from bench.lines import write
from bench.loading import median_ratio
from bench.measure import median, run, tts_etl

_ARCHIVES, _LINES = 30, 2000
#: A file that changed within the last two seconds is looked at again in the next pass.
_SETTLED_SECONDS = 2.5


def nothing_new(made: Databases, rounds: int) -> list[Figure]:
    """The whole process of `tts-etl import` ÷ `python -c "import sqlalchemy"`, on each kind of database."""
    live = _rotated(made.folder / "rotated")
    figures = []
    for dialect in ("sqlite", "postgresql"):
        url = made.new(dialect)
        ours = tts_etl("import", str(live), "--database-url", url, "--json")
        for _ in range(2):
            run(ours)
        floor, passes = [], []
        for _ in range(rounds):
            floor.append(run([sys.executable, "-c", "import sqlalchemy"]).seconds)
            passes.append(run(ours).seconds)
        made.drop(url)
        figures.append(
            Figure(
                f"a pass with nothing new, {dialect} ÷ import sqlalchemy",
                median_ratio(passes, floor),
                "×",
                2.5,
                at_most=True,
                detail=f"{median(passes) * 1000:,.0f} ms against {median(floor) * 1000:,.0f} ms",
            )
        )
    shutil.rmtree(live.parent)
    return figures


def _rotated(folder: Path) -> Path:
    """A live log with 30 archives beside it, as logrotate leaves them."""
    shutil.rmtree(folder, ignore_errors=True)
    for number in range(_ARCHIVES):
        archive = folder / f"tts.log.{_ARCHIVES - number}.gz"
        plain = write(folder / "next", number * _LINES, _LINES)
        archive.write_bytes(gzip.compress(plain.read_bytes(), 1))
        plain.unlink()
    live = write(folder / "tts.log", _ARCHIVES * _LINES, _LINES)
    time.sleep(_SETTLED_SECONDS)
    return live
