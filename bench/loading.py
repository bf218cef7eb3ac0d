"""Backfill against the floors, and its memory: side by side, several rounds, the median of the rounds' ratios."""

from __future__ import annotations

import json
from pathlib import Path

from bench.databases import Databases
from bench.figures import Figure
from bench.measure import median, module, run, tts_etl
from bench.twins import differing_rows


def backfill(url: str, log: Path, *, memory: bool = False) -> tuple[float, float]:
    """Seconds and peak MiB of a backfill. Raises RuntimeError unless every line became a row."""
    measured = run(tts_etl("backfill", str(log), "--database-url", url, "--json"), memory=memory)
    found = json.loads(measured.output)
    if found["inserted"] != found["read"]:
        raise RuntimeError(f"not every line became a row: {measured.output[:300]}")
    return measured.seconds, measured.peak_mib


def sqlite_figures(made: Databases, log: Path, count: int, rounds: int) -> list[Figure]:
    """Backfill into SQLite against the plain loop and against INSERT … SELECT."""
    ours, plain, limit = [], [], []
    for number in range(rounds):
        plain_url, our_url = made.new("sqlite"), made.new("sqlite")
        plain_path, our_path = (Path(url.removeprefix("sqlite:///")) for url in (plain_url, our_url))
        both = [
            lambda log=log, path=plain_path: plain.append(run(module("plain", str(log), str(path))).seconds),
            lambda log=log, url=our_url: ours.append(backfill(url, log)[0]),
        ]
        for one in both if number % 2 else reversed(both):
            one()
        limit.append(float(run(module("floors", "sqlite", str(our_path))).output))
        made.drop(plain_url)
        made.drop(our_url)
    return [
        Figure(
            "backfill into SQLite ÷ plain loop", median_ratio(plain, ours), "×", 1.4, detail=_rates(count, ours, plain)
        ),
        Figure(
            "backfill into SQLite ÷ INSERT … SELECT",
            median_ratio(limit, ours),
            "×",
            0.12,
            detail=_rates(count, ours, limit),
        ),
    ]


def postgresql_figures(made: Databases, log: Path, count: int, rounds: int) -> list[Figure]:
    """Backfill into PostgreSQL against COPY of ready-made text."""
    ours, limit = [], []
    for _ in range(rounds):
        url = made.new("postgresql")
        ours.append(backfill(url, log)[0])
        limit.append(float(run(module("floors", "postgresql", url, str(made.folder / "copy.txt"))).output))
        made.drop(url)
    return [
        Figure(
            "backfill into PostgreSQL ÷ COPY", median_ratio(limit, ours), "×", 0.55, detail=_rates(count, ours, limit)
        )
    ]


def memory_figures(made: Databases, logs: list[tuple[int, Path]]) -> list[Figure]:
    """The peak memory of all processes of a backfill, at each size, and the larger ÷ the smaller."""
    figures = []
    for dialect in ("sqlite", "postgresql"):
        peaks = []
        for count, log in logs:
            url = made.new(dialect)
            peaks.append(backfill(url, log, memory=True)[1])
            made.drop(url)
            figures.append(Figure(f"peak memory, {dialect}, {count:,} lines", peaks[-1], "MiB", 200, at_most=True))
        figures.append(
            Figure(f"peak memory, {dialect}, larger ÷ smaller", peaks[-1] / peaks[0], "×", 1.1, at_most=True)
        )
    return figures


def median_ratio(floor: list[float], ours: list[float]) -> float:
    """How many times as fast as the floor we are: the median of the rounds' ratios."""
    return median([theirs / us for theirs, us in zip(floor, ours, strict=True)])


def _rates(count: int, ours: list[float], theirs: list[float]) -> str:
    return f"{count / median(ours):,.0f} lines/s against {count / median(theirs):,.0f}"


def check_plain(made: Databases, log: Path) -> None:
    """The plain loop must make the same rows as we do, else nothing is compared. Raises RuntimeError."""
    url = made.new("sqlite")
    path = Path(url.removeprefix("sqlite:///"))
    backfill(url, log)
    run(module("plain", str(log), str(path)))
    differing = differing_rows(path)
    made.drop(url)
    if differing:
        raise RuntimeError(f"the plain loop made {differing:,} other rows than tts-etl")
