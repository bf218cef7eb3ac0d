"""`python -m tests.soak`: the kill rig for as long as one says, on SQLite and PostgreSQL in turn; see rig.py.

Prints one line a run, or one JSON object a line with --json; exits with 1 where the law was broken.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from etl.config import duration
from tests.conftest import PostgresServer
from tests.soak.importing import ROADS, command
from tests.soak.rig import Plan, Rig
from tests.soak.rotating import MODES

DIALECTS = ("sqlite", "postgresql")


@contextmanager
def database(dialect: str, folder: Path) -> Iterator[str]:
    """The URL of a migrated database."""
    if dialect == "sqlite":
        yield migrated(f"sqlite:///{folder}/tts.db", folder)
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    # Directly in /tmp: the server opens the parents of its data folder to all when run as root.
    data = Path(tempfile.mkdtemp(prefix="voxmeter-soak-pg-"))
    server = PostgresServer(data)
    try:
        yield migrated(server.url(server.create()), folder)
    finally:
        server.stop()
        shutil.rmtree(data, ignore_errors=True)


def migrated(url: str, folder: Path) -> str:
    """The URL itself, once the database has its tables."""
    made = command(url, folder, "migrate")
    _, err = made.communicate()
    if made.returncode != 0:
        raise OSError(err.decode())
    return url


@click.command()
@click.option("--length", default="10m", show_default=True, help="Of all runs on one database together.")
@click.option("--database", "dialects", type=click.Choice(DIALECTS), multiple=True, default=DIALECTS)
@click.option("--mode", "modes", type=click.Choice(MODES), multiple=True, default=MODES)
@click.option("--road", "roads", type=click.Choice(ROADS), multiple=True, default=ROADS)
@click.option("--seed", type=int, default=lambda: int(time.time()), help="Of the first run.  [default: the time]")
@click.option("--json", "as_json", is_flag=True)
def soak(
    length: str, dialects: tuple[str, ...], modes: tuple[str, ...], roads: tuple[str, ...], seed: int, as_json: bool
) -> None:
    """Kill importers while writers write and files rotate; nothing may be missing or doubled."""
    broken = False
    seconds = duration(length).total_seconds() / len(modes) / len(roads)
    for at, (dialect, mode, road) in enumerate(itertools.product(dialects, modes, roads)):
        with tempfile.TemporaryDirectory(prefix="voxmeter-soak-") as name, database(dialect, Path(name)) as url:
            figures, breaches = Rig(Path(name), Plan(url, mode, road, seconds, seed + at)).run()
        broken = broken or bool(breaches)
        run = {"database": dialect, "mode": mode, "road": road, "seconds": seconds, "seed": seed + at}
        found = {**run, **figures, "breaches": breaches}
        click.echo(json.dumps(found) if as_json else "  ".join(f"{key}={value}" for key, value in found.items()))
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    soak()
