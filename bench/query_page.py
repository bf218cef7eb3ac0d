"""The timings of the pack's queries as `queries.md` and as figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date

from bench.figures import Figure
from bench.queries import Timing
from bench.report import machine, versions

#: Milliseconds that no query may take over a million requests.
LIMITS = {"postgresql": 2_500, "sqlite": 6_000}
_LIMIT_REQUESTS = 1_000_000
_NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


def page(timings: Sequence[Timing], size: str, postgresql: str, day: date) -> str:
    """The whole page."""
    over = [f"{t.query} on {_NAMES[t.dialect]}" for t in timings if _is_over(t)]
    return f"""# How long the queries of the pack take

Written by `make bench` (BENCH={size}) on {day.isoformat()}. Each query ran over a period that holds **all** requests of the
database (90 days, three instances, no filter), one query at a time, warm, the median of up to five runs; the rows'
way to Python is in it. Dashboards start with the last 30 days, a third of that. Alerts and what asks for the newest rows
have their own windows. Of a query with choices the slowest one is shown. Requests up to 100,000 were loaded by
`tts-etl backfill`, more of them are slightly changed copies in between; a quarter as many heartbeats and a tenth as many
batches lie beside them. PostgreSQL has the settings it comes with.

Growth x: the time grows as rows to the power of x between the two largest sizes (1: ten times the rows take ten times as long).
At a million requests a query may take {LIMITS["postgresql"] / 1000:g} s on PostgreSQL and {LIMITS["sqlite"] / 1000:g} s on SQLite; what takes longer is bold.

Machine: {machine()}. Versions: {versions(postgresql)}.

{table(timings)}

{"Over the limit: " + "; ".join(over) + "." if over else "Every query is within its limit."}
"""


def figures(timings: Sequence[Timing]) -> Iterator[Figure]:
    """The slowest query on each kind of database at the largest size."""
    for dialect, limit in LIMITS.items():
        largest = max(t.requests for t in timings)
        slowest = max(
            (t for t in timings if (t.dialect, t.requests) == (dialect, largest)), key=lambda t: t.milliseconds
        )
        aim = limit / 1000 if largest == _LIMIT_REQUESTS else None
        name = f"slowest query of the pack, {dialect}, {largest:,} requests"
        yield Figure(name, slowest.milliseconds / 1000, "s", aim, at_most=True, detail=_named(slowest))


def table(timings: Sequence[Timing]) -> str:
    """A line a query: milliseconds at each size and the growth, on both kinds of database."""
    sizes = sorted({t.requests for t in timings})
    columns = [(dialect, size) for dialect in LIMITS for size in [*sizes, None]]
    heads = [f"{_NAMES[dialect]}, {f'{size:,}, ms' if size else 'growth x'}" for dialect, size in columns]
    lines = [f"| query | {' | '.join(heads)} |", f"|---|{'---:|' * len(heads)}"]
    for query in dict.fromkeys(t.query for t in timings):
        cells = [
            _cell([t for t in timings if (t.query, t.dialect) == (query, dialect)], size) for dialect, size in columns
        ]
        lines.append(f"| {query} | {' | '.join(cells)} |")
    return "\n".join(lines)


def growth(times: dict[int, float]) -> float | None:
    """The exponent between the two largest sizes; None for a single one."""
    sizes = sorted(times)[-2:]
    if len(sizes) < 2:
        return None
    small, large = (times[size] for size in sizes)
    return math.log(large / small) / math.log(sizes[1] / sizes[0])


def _cell(of_query: Sequence[Timing], size: int | None) -> str:
    slowest = {t.requests: t for t in sorted(of_query, key=lambda t: t.milliseconds)}
    if size is None:
        found = growth({requests: t.milliseconds for requests, t in slowest.items()})
        return "" if found is None else f"{found:.1f}"
    timing = slowest[size]
    shown = f"{timing.milliseconds:,.0f}" if timing.milliseconds >= 10 else f"{timing.milliseconds:.1f}"
    return f"**{shown}**" if _is_over(timing) else shown


def _is_over(timing: Timing) -> bool:
    return timing.requests == _LIMIT_REQUESTS and timing.milliseconds > LIMITS[timing.dialect]


def _named(timing: Timing) -> str:
    return f"{timing.query} {timing.choice}".strip()
