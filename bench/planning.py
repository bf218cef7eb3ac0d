"""`python -m bench.planning`: how long a plan with nothing to do takes, as a whole process, over 30 objects and over the pack.

The server is the fake one of the tests, which answers at once; with REDASH_URL and REDASH_API_KEY it is that one, which has to be as
the pack says already, and is only read. An object is a query, dashboard or alert; its charts, widgets and markers come on top.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure, table
from bench.measure import median
from redash.config import PACKAGED
from redash.specs.reading import read_pack
from redash.specs.spec import Pack
from tests.redash.fake.server import FakeRedash

_OBJECTS, _MOST_SECONDS, _ROUNDS = 30, 2.0, 7
_BIN = Path(sys.executable).parent
_TTS_REDASH, _TTS_ETL = _BIN / "tts-redash", _BIN / "tts-etl"


def planning_figures(rounds: int = _ROUNDS) -> list[Figure]:
    """Wall time of `tts-redash plan`: the median of the rounds; raises RuntimeError where there is something to do."""
    with TemporaryDirectory(prefix="voxmeter-planning-") as name:
        if os.environ.get("REDASH_URL"):
            return [_figure("plan, whole pack, real Redash", PACKAGED, dict(os.environ), rounds)]
        database = Path(name) / "tts.db"
        _call(_TTS_ETL, "migrate", dict(os.environ), "--database-url", f"sqlite:///{database}")
        small, whole = (cut(PACKAGED, Path(name) / str(most), database, most) for most in (_OBJECTS, 1_000))
        return [
            *_against_fake("plan, 30 objects", small, rounds, _MOST_SECONDS),
            *_against_fake("plan, whole pack", whole, rounds),
        ]


def cut(folder: Path, to: Path, database: Path, objects: int) -> Path:
    """A copy of a pack over a SQLite file, with at most so many queries, dashboards and alerts that go together."""
    pack, _ = read_pack(folder)
    boards, queries = _chosen(pack, objects)
    alerts = {slug for slug, named in pack.alerts.items() if named.spec.query in queries}
    kept = {"queries": queries, "charts": queries, "dashboards": boards, "alerts": alerts}
    for part, slugs in kept.items():
        (to / part).mkdir(parents=True)
        for path in (folder / part).iterdir():
            if path.name.partition(".")[0] in slugs:
                shutil.copy(path, to / part)
    (to / "sources.yaml").write_text(f"tts: {{type: sqlite, title: TTS, dbpath: {database}}}\n")
    shutil.copy(folder / "destinations.yaml", to)
    return to


def _chosen(pack: Pack, objects: int) -> tuple[set[str], set[str]]:
    """Boards in turn with the queries that they need, and then queries until there are so many."""
    boards: set[str] = set()
    for slug in sorted(pack.dashboards):
        if len(_needed(pack, {*boards, slug})) + len(boards) < objects:
            boards.add(slug)
    queries = _needed(pack, boards)
    alone = [slug for slug in sorted(pack.queries) if slug not in queries and not pack.queries[slug].head.parameters]
    return boards, {*queries, *alone[: max(0, objects - len(queries) - len(boards))]}


def _needed(pack: Pack, boards: set[str]) -> set[str]:
    shown = {widget.chart for slug in boards for widget in pack.dashboards[slug].dashboard.widgets if widget.chart}
    queries = {pack.charts[chart].query for chart in shown}
    choices = {
        query
        for slug in queries
        for parameter in pack.queries[slug].head.parameters.values()
        if (query := getattr(parameter, "query", None))
    }
    return queries | choices


def _against_fake(name: str, specs: Path, rounds: int, aim: float | None = None) -> list[Figure]:
    with FakeRedash() as fake:
        environment = {**os.environ, "REDASH_URL": fake.url, "REDASH_API_KEY": fake.api_key}
        _call(_TTS_REDASH, "apply", environment, "--specs", str(specs), "--yes", "--no-run")
        return [_figure(name, specs, environment, rounds, aim)]


def _figure(name: str, specs: Path, environment: dict[str, str], rounds: int, aim: float | None = None) -> Figure:
    wall, used = [], []
    for _ in range(rounds):
        cpu, started = _cpu_seconds(), time.perf_counter()
        _call(_TTS_REDASH, "plan", environment, "--specs", str(specs), "--detailed-exitcode")
        wall.append(time.perf_counter() - started)
        used.append(_cpu_seconds() - cpu)
    pack, _ = read_pack(specs)
    count = len(pack.queries) + len(pack.dashboards) + len(pack.alerts)
    detail = (
        f"{count} objects, {len(pack.charts)} charts; {min(wall):.2f} to {max(wall):.2f} s; {median(used):.2f} s of CPU"
    )
    return Figure(name, median(wall), "s", aim, True, detail)


def _call(program: Path, command: str, environment: dict[str, str], *options: str) -> None:
    words = [str(program), command, *options]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command} ended with {done.returncode}: {(done.stdout + done.stderr)[-1000:]}")


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.stdout.write(f"{table(planning_figures())}\n")
