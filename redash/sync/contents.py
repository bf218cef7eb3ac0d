"""Queries and their charts as the files want them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from redash.specs.models import Schedule
from redash.specs.parameters import EnumParameter, Parameter, QueryParameter, Range, RangeParameter, default_of
from redash.specs.places import ExistingSource
from redash.specs.spec import Dialect, Pack, Query
from redash.specs.texts import NAME_CHARS
from redash.sync.charts import visualization, with_order
from redash.sync.paths import overlaid
from redash.sync.wanted import TAG, Fields, Target, Wanted

_DAY_SECONDS = 86_400
_DAY_MINUTES = 24 * 60
_QUIET_MINUTES, _SPREAD_MINUTES = 6 * 60, 60


def source_key(slug: str, target: Target) -> str:
    """What a query's `source` is in this environment: `source/<slug>`, or `existing/<name>`."""
    placed = target.environment.sources.get(slug)
    if isinstance(placed, ExistingSource):
        return f"existing/{placed.existing}"
    return f"source/{placed.ours if placed else slug}"


def dialect_of(slug: str, pack: Pack, target: Target) -> Dialect:
    """The dialect of the database behind a query's `source`."""
    placed = target.environment.sources.get(slug)
    if isinstance(placed, ExistingSource):
        return "sqlite" if placed.type == "sqlite" else "postgresql"
    named = pack.sources.get(placed.ours if placed else slug)
    return "sqlite" if named is not None and named.spec.type == "sqlite" else "postgresql"


def wanted_query(query: Query, pack: Pack, target: Target) -> Wanted:
    """A query, published, under our tag."""
    head, sql = query.head, query.sql[dialect_of(query.head.source, pack, target)]
    fields: Fields = {
        "name": target.title(head.title, NAME_CHARS),
        "description": str(head.description).strip(),
        "sql": statement(sql.text),
        "source": source_key(head.source, target),
        "schedule": schedule_of(query, target),
        "parameters": [parameter_of(name, parameter) for name, parameter in head.parameters.items()],
        "tags": sorted({TAG, *head.tags}),
        "published": True,
        "auto_limit": False,
    }
    return Wanted(f"query/{query.slug}", fields)


def wanted_charts(query: Query, pack: Pack, columns: Sequence[str]) -> list[Wanted]:
    """The charts of a query, whose result has these columns."""
    found = []
    for named in pack.charts.values():
        if named.query == query.slug:
            kind, options = visualization(named.chart, columns)
            said = {"name": str(named.chart.title), "description": str(named.chart.description).strip()}
            fields: Fields = {"type": kind, **said, **with_order(kind, overlaid(options, named.chart.options))}
            found.append(Wanted(f"chart/{named.slug}", fields, within=f"query/{query.slug}"))
    return found


def statement(text: str) -> str:
    """The SQL of a file below its header, without blanks at the end."""
    lines = text.splitlines(keepends=True)
    start = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return "".join(lines[start:]).strip("\n").rstrip()


def parameter_of(name: str, parameter: Parameter) -> Fields:
    """A parameter's definition; the query behind a choice is its key."""
    made: Fields = {"name": name, "title": str(parameter.title), "type": parameter.type, "value": value_of(parameter)}
    if isinstance(parameter, EnumParameter):
        made["enumOptions"] = "\n".join(parameter.options)
    if isinstance(parameter, QueryParameter):
        made["queryId"] = f"query/{parameter.query}"
    return made


def value_of(parameter: Parameter) -> Any:
    """The default of a parameter, as Redash keeps it."""
    return redash_value(parameter.default if not isinstance(parameter, RangeParameter) else default_of(parameter))


def redash_value(value: str | int | float | Range | Mapping[str, str]) -> Any:
    """A value of a parameter as Redash keeps it: moments with a blank between day and time."""
    if isinstance(value, Range):
        value = {"start": value.start, "end": value.end}
    if isinstance(value, Mapping):
        return {part: moment.replace("T", " ") for part, moment in value.items()}
    return value


def schedule_of(query: Query, target: Target) -> Fields | None:
    """All four keys (trap T2), in UTC; `spread` moves a daily run by up to an hour, or puts it into the first six hours."""
    schedule = query.head.schedule
    if schedule is None or target.environment.schedules == "off":
        return None
    time = schedule.time
    if target.environment.schedules == "spread" and not schedule.interval_seconds % _DAY_SECONDS:
        time = _spread(schedule, query.slug)
    return {
        "interval": schedule.interval_seconds,
        "time": time,
        "day_of_week": schedule.day_of_week,
        "until": schedule.until,
    }


def is_spread_hour(schedule: Schedule, time: str) -> bool:
    """Whether a run at a time is one that `spread` may make of a schedule of whole days; never for what is no `HH:MM`."""
    if not re.fullmatch(r"\d\d:\d\d", time):
        return False
    if schedule.time is None:
        return _minutes(time) < _QUIET_MINUTES
    return (_minutes(time) - _minutes(schedule.time)) % _DAY_MINUTES < _SPREAD_MINUTES


def _minutes(time: str) -> int:
    hours, _, rest = time.partition(":")
    return int(hours) * 60 + int(rest)


def _spread(schedule: Schedule, slug: str) -> str:
    """By the slug's hash: the same on each machine, and no query moves because another one comes."""
    drawn = int.from_bytes(sha256(slug.encode()).digest()[:4])
    if schedule.time is None:
        minutes = drawn % _QUIET_MINUTES
    else:
        minutes = (_minutes(schedule.time) + drawn % _SPREAD_MINUTES) % _DAY_MINUTES
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
