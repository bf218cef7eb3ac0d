"""Two well-known tools on the same lines, in a virtual environment of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench.databases import Databases
from bench.figures import Figure
from bench.loading import backfill
from bench.measure import run

_PACKAGES = ("sqlite-utils", "dlt[postgres]")
_DLT = """
import json, sys
import dlt
log, url, folder = sys.argv[1:]

@dlt.resource(name="tts_request", primary_key=("writer_id", "seq"), write_disposition="append")
def lines():
    with open(log, "rb") as file:
        while part := file.readlines(1 << 20):
            yield [json.loads(line) for line in part]

pipeline = dlt.pipeline("bench", destination=dlt.destinations.postgres(url), dataset_name="rival", pipelines_dir=folder)
pipeline.run(lines())
"""


def rival_figures(made: Databases, log: Callable[[int], Path], sqlite: int, postgresql: int) -> list[Figure]:
    """How many times as fast we are on so many lines; a tool that can't be installed is left out, and said on stderr."""
    python = _environment(made.folder / "rivals")
    if python is None:
        return []
    return [_sqlite_utils(made, python, log(sqlite), sqlite), _dlt(made, python, log(postgresql), postgresql)]


def _environment(folder: Path) -> Path | None:
    """The Python of a virtual environment with the tools, None where they can't be had."""
    python = folder / "bin" / "python"
    done = folder / ".installed"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        installed = subprocess.run([str(python), "-m", "pip", "install", "--quiet", *_PACKAGES], capture_output=True)
        if installed.returncode != 0:
            sys.stderr.write(f"left out: {' and '.join(_PACKAGES)} can't be installed here\n")
            return None
        done.touch()
    return python


def _sqlite_utils(made: Databases, python: Path, log: Path, count: int) -> Figure:
    path = made.folder / "rival.db"
    path.unlink(missing_ok=True)
    # --alter: the first lines do not have every key.
    command = [str(python), "-m", "sqlite_utils", "insert", str(path), "tts_request", str(log), "--nl", "--alter"]
    theirs = run([*command, "--pk", "writer_id", "--pk", "seq"]).seconds
    path.unlink()
    return _figure("backfill into SQLite ÷ sqlite-utils", theirs, _ours(made, "sqlite", log), count, 10)


def _dlt(made: Databases, python: Path, log: Path, count: int) -> Figure:
    url = made.new("postgresql")
    # dlt wants a host; the one behind it, the socket's folder, is the one that libpq takes.
    address = url.replace("+psycopg2", "").replace(":@/", ":none@localhost/")
    theirs = run([str(python), "-c", _DLT, str(log), address, str(made.folder / "dlt")]).seconds
    made.drop(url)
    return _figure("backfill into PostgreSQL ÷ dlt", theirs, _ours(made, "postgresql", log), count, 20)


def _ours(made: Databases, dialect: str, log: Path) -> float:
    url = made.new(dialect)
    seconds = backfill(url, log)[0]
    made.drop(url)
    return seconds


def _figure(name: str, theirs: float, ours: float, count: int, aim: float) -> Figure:
    detail = f"{count / ours:,.0f} lines/s against {count / theirs:,.0f}, {count:,} lines"
    return Figure(name, theirs / ours, "×", aim, detail=detail)
