"""`make bench`: measures, prints the tables, writes results.md and queries.md. BENCH=small, full, or by default a million.

What was measured lies in .bench/ and is not measured again, so that a long run can be resumed; a run that came to its
end, or whose source was changed since, starts anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.databases import Databases, databases
from bench.figures import Figure, table
from bench.growing import curve, growth_figure
from bench.lines import write
from bench.loading import check_plain, memory_figures, postgresql_figures, sqlite_figures
from bench.passes import nothing_new
from bench.purging import purge_figures
from bench.queries import SIZES as QUERY_SIZES
from bench.queries import Timing, query_timings
from bench.query_page import figures as query_figures
from bench.query_page import page as query_page
from bench.query_page import table as query_table
from bench.report import report
from bench.rivals import rival_figures
from bench.watching import watch_figures

_FOLDER = Path(".bench").absolute()
_MEASURED = ("etl", "bench", "migrations")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: lines, the lines of the smaller memory run, rounds, seconds of watching, purged rows."""

    lines: int
    small_lines: int
    rounds: int
    watch_seconds: int
    purged: tuple[int, int]


SIZES = {
    "small": Size(100_000, 50_000, 2, 5, (20_000, 200_000)),
    "million": Size(1_000_000, 200_000, 3, 10, (100_000, 1_000_000)),
    "full": Size(10_000_000, 1_000_000, 3, 60, (1_000_000, 10_000_000)),
}


class Memory:
    """What was measured of this very source before, by section, kept in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._source = _fingerprint()
        kept = json.loads(path.read_text()) if path.exists() else {}
        self._found: dict[str, list[dict[str, object]]] = kept["found"] if kept.get("source") == self._source else {}

    def of(self, section: str, measure: Callable[[], list[dict[str, object]]]) -> list[dict[str, object]]:
        """The section's values, measured if they aren't known."""
        if section not in self._found:
            sys.stderr.write(f"measuring {section} …\n")
            self._found[section] = measure()
            self._path.write_text(json.dumps({"source": self._source, "found": self._found}))
        return self._found[section]

    def forget(self) -> None:
        self._path.unlink()


def _fingerprint() -> str:
    """Of all source files whose speed is measured."""
    paths = sorted(path for folder in _MEASURED for path in Path(folder).rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def main(name: str) -> None:
    size = SIZES[name]
    _FOLDER.mkdir(exist_ok=True)
    memory = Memory(_FOLDER / f"{name}.json")
    with databases(_FOLDER) as made:
        figures = [figure for section in _sections(made, size) for figure in _figures(memory, *section)]
        curves = {}
        for dialect in ("sqlite", "postgresql"):
            points = memory.of(f"growth, {dialect}", partial(_points, made, dialect, size))
            curves[dialect] = [(int(str(point["rows"])), float(str(point["rate"]))) for point in points]
            figures.append(growth_figure(dialect, curves[dialect]))
        timings = _timings(memory, made, QUERY_SIZES[name])
        figures += query_figures(timings)
        about = (name, made.version(), datetime.now(UTC).date())
    Path(__file__).with_name("results.md").write_text(report(figures, curves, *about))
    Path(__file__).with_name("queries.md").write_text(query_page(timings, *about))
    sys.stdout.write(f"{table(figures)}\n\n{query_table(timings)}\n")
    memory.forget()


def _sections(made: Databases, size: Size) -> list[tuple[str, Callable[[], list[Figure]]]]:
    # A million lines are enough for the ratios, ten for memory, purge and growth.
    count = min(size.lines, 1_000_000)

    def log(lines: int = count) -> Path:
        return write(_FOLDER / f"lines-{lines}.log", 0, lines)

    def sqlite() -> list[Figure]:
        check_plain(made, log(20_000))
        return sqlite_figures(made, log(), count, size.rounds)

    return [
        ("SQLite", sqlite),
        ("PostgreSQL", lambda: postgresql_figures(made, log(), count, size.rounds + 1)),
        ("other tools", lambda: rival_figures(made, log, count // 4, count // 5)),
        ("memory", lambda: memory_figures(made, [(lines, log(lines)) for lines in (size.small_lines, size.lines)])),
        ("a pass with nothing new", lambda: nothing_new(made, 7)),
        ("watch", lambda: watch_figures(made, size.watch_seconds)),
        ("purge", lambda: purge_figures(made, list(size.purged), size.rounds)),
    ]


def _figures(memory: Memory, section: str, measure: Callable[[], list[Figure]]) -> list[Figure]:
    return [Figure(**one) for one in memory.of(section, lambda: [asdict(figure) for figure in measure()])]  # type: ignore[arg-type]


def _timings(memory: Memory, made: Databases, sizes: list[int]) -> list[Timing]:
    found = memory.of("queries", lambda: [asdict(timing) for timing in query_timings(made, sizes)])
    return [Timing(**one) for one in found]  # type: ignore[arg-type]


def _points(made: Databases, dialect: str, size: Size) -> list[dict[str, object]]:
    return [{"rows": rows, "rate": rate} for rows, rate in curve(made, dialect, size.lines, _FOLDER / "parts")]


if __name__ == "__main__":
    main(os.environ.get("BENCH") or "million")
