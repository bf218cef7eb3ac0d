"""What the bench found as `results.md`: the machine, the versions, the table, and a chart."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

from bench.figures import Figure, table
from bench.growing import Curve

_CHART_COLUMNS = 60
_PACKAGES = ("voxmeter", "msgspec", "SQLAlchemy", "psycopg2-binary", "orjson")


def report(figures: Sequence[Figure], curves: dict[str, Curve], size: str, postgresql: str, day: date) -> str:
    """The whole page."""
    missed = [figure.name for figure in figures if not figure.met]
    charts = "\n\n".join(f"{dialect}\n\n{chart(found)}" for dialect, found in curves.items())
    return f"""# What the loader's speed and memory were

Written by `make bench` (BENCH={size}) on {day.isoformat()}. Ratios are medians of rounds run side by side with their floor;
whole commands are timed, their start included. A missed aim is bold.

Machine: {machine()}. Versions: {versions(postgresql)}.

{table(figures)}

{"Missed: " + "; ".join(missed) + "." if missed else "All aims are met."}

## Lines a second against the rows that are loaded already

{charts}
"""


def chart(found: Curve) -> str:
    """A bar for each file: the rows loaded before it, and the lines a second."""
    most = max(rate for _, rate in found)
    bars = [f"{rows:>12,} rows {'█' * round(rate / most * _CHART_COLUMNS)} {rate:,.0f}" for rows, rate in found]
    return "\n".join(["```", *bars, "```"])


def machine() -> str:
    """The machine in words."""
    text = Path("/proc/cpuinfo").read_text()
    model = next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kernel = platform.release().split("-")[0]
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB of memory, {platform.system()} {kernel}"


def versions(postgresql: str) -> str:
    """What ran on it."""
    found = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}", f"PostgreSQL {postgresql}"]
    return ", ".join([*found, *(f"{name} {version(name)}" for name in _PACKAGES)])
