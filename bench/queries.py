"""How long each query of the pack takes over all requests of 90 days, at 0.1, 1 and 10 million of them."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import ninety
from bench.databases import Databases
from bench.denser import make_denser
from bench.measure import median, run, tts_etl
from redash.data.database import Reading, reading
from redash.specs.parameters import EnumParameter, QueryParameter, accepted, default_of, merged, render
from redash.specs.reading import usable_pack
from redash.specs.spec import DIALECTS, Dialect, Query

SPECS = Path(__file__).parent.parent / "redash"
SIZES = {"small": [10_000, 100_000], "million": [100_000, 1_000_000], "full": [100_000, 1_000_000, 10_000_000]}
#: So many requests are loaded; more of them are copies.
_LOADED = 100_000
_TIMEOUT_SECONDS = 900.0
#: A query runs again until it has taken so long in all, at most this often; the median counts.
_ENOUGH_SECONDS, _MOST_RUNS = 0.5, 5


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of a query over `requests` rows; `choice` are the values of its enumerations, "" without any."""

    query: str
    choice: str
    dialect: str
    requests: int
    milliseconds: float


def query_timings(made: Databases, sizes: list[int]) -> list[Timing]:
    """Every query at each size. Of a query with choices all are measured at the first size, then the slowest one."""
    queries = usable_pack(SPECS).queries.values()
    found: list[Timing] = []
    for size in sizes:
        for dialect in DIALECTS:
            slowest = {t.query: t.choice for t in sorted(found, key=lambda t: t.milliseconds) if t.dialect == dialect}
            sys.stderr.write(f"measuring queries, {dialect}, {size:,} requests …\n")
            with loaded(made, dialect, size) as url, reading(url, _TIMEOUT_SECONDS) as opened:
                for query in queries:
                    tried = [slowest[query.slug]] if query.slug in slowest else choices(query)
                    found += [Timing(query.slug, one, dialect, size, milliseconds(opened, query, one)) for one in tried]
    return found


def choices(query: Query) -> list[str]:
    """The combinations of a query's enumerations, as `name=value name=value`; "" where it has none."""
    options = [
        [f"{name}={option}" for option in parameter.options]
        for name, parameter in query.head.parameters.items()
        if isinstance(parameter, EnumParameter)
    ]
    return [" ".join(pairs) for pairs in itertools.product(*options)]


def milliseconds(opened: Reading, query: Query, choice: str) -> float:
    """The median of some runs over the whole time, the rows' way to Python included."""
    sql = sql_of(query, opened.dialect, choice)
    runs: list[float] = []
    while len(runs) < _MOST_RUNS and sum(runs) < _ENOUGH_SECONDS * 1000:
        runs.append(opened.run(sql).milliseconds)
    return median(runs)


def sql_of(query: Query, dialect: Dialect, choice: str) -> str:
    """A query's SQL for a period that holds all rows, with these values of its enumerations and no filter."""
    now = datetime.now(UTC).replace(tzinfo=None)
    # A day more at both ends than 90: the report time zone may be ahead or behind.
    given = {
        "period.start": f"{now - ninety.SPAN - timedelta(days=1):%Y-%m-%d}",
        "period.end": f"{now + timedelta(days=1):%Y-%m-%d}",
        **dict(pair.split("=", 1) for pair in choice.split()),
    }
    values: dict[str, str] = {}
    for name, parameter in query.head.parameters.items():
        offered = [parameter.default] if isinstance(parameter, QueryParameter) else []
        values |= accepted(name, parameter, merged(name, default_of(parameter), given, now), offered)
    return render(query.sql[dialect].text, values)


@contextmanager
def loaded(made: Databases, dialect: str, size: int) -> Iterator[str]:
    """A database with the requests of 90 days that end now, and with heartbeats, marks, batches and broken lines."""
    count = min(size, _LOADED)
    log = ninety.write(made.folder / "ninety.log", count, datetime.now(UTC))
    url = made.new(dialect)
    run(tts_etl("backfill", str(log), "--database-url", url))
    make_denser(url, count, size // count)
    log.unlink()
    yield url
    made.drop(url)
