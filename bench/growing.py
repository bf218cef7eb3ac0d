"""Lines a second against the rows that are loaded already, file after file into one table; can be resumed."""

from __future__ import annotations

from pathlib import Path

from bench.databases import Databases
from bench.figures import Figure
from bench.lines import write
from bench.loading import backfill

_FILES = 10

#: (rows loaded before, lines a second) of each file.
Curve = list[tuple[int, float]]


def curve(made: Databases, dialect: str, count: int, logs: Path) -> Curve:
    """Loads `count` lines in ten files, each followed by one of the same size into an empty table, to compare with.

    Returns the rates relative to those comparisons, times their mean: the machine's own moods cancel out.
    """
    slice_ = count // _FILES
    full = made.new(dialect)
    loaded, empty = [], []
    for number in range(_FILES):
        log = write(logs / f"part-{slice_}-{number}.log", number * slice_, slice_)
        loaded.append(slice_ / backfill(full, log)[0])
        fresh = made.new(dialect)
        empty.append(slice_ / backfill(fresh, log)[0])
        made.drop(fresh)
        log.unlink()
    made.drop(full)
    mean = sum(empty) / len(empty)
    return [(number * slice_, loaded[number] / empty[number] * mean) for number in range(_FILES)]


def growth_figure(dialect: str, found: Curve) -> Figure:
    """Lines a second at the last two files against the first two."""
    first = sum(rate for _, rate in found[:2]) / 2
    last = sum(rate for _, rate in found[-2:]) / 2
    detail = f"{last:,.0f} lines/s against {first:,.0f}"
    return Figure(f"lines/s, {dialect}, at {found[-1][0]:,} rows ÷ empty", last / first, "×", 0.85, detail=detail)
