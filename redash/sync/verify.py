"""After an apply: does everything that was made also work? Each check is a value; nothing is mended here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from redash.errors import RemoteError
from redash.remote.api import Api
from redash.specs.spec import Pack
from redash.sync.live import Found
from redash.sync.runs import parameters_now
from redash.sync.survey import Survey

_RUN_SECONDS = 120.0
#: The scheduler looks every 30 seconds; what it refuses is disabled by then.
TICK_SECONDS = 35.0
_LOOKS_AT_A_STATE = 5
_BETWEEN_LOOKS_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: `trouble` is empty where it is well, `said` is what was seen."""

    key: str
    what: str
    trouble: str = ""
    seconds: float = 0.0
    said: str = ""


def verify(
    api: Api, seen: Survey, pack: Pack, now: datetime, *, wait: Callable[[float], None], tick: bool = True
) -> Iterator[Check]:
    """Every check in turn: all is there and published, queries run and have rows, schedules live, alerts know their state.

    `wait` is given the seconds of a tick of the scheduler; with `tick` false schedules are looked at as they stand.
    """
    yield from _presence(seen)
    queries = [
        seen.live.found[key] for key, one in seen.wanted.items() if one.kind == "query" and key in seen.live.found
    ]
    for query in queries:
        yield _run(api, query, pack, now)
    scheduled = [query for query in queries if seen.wanted[query.key].fields["schedule"]]
    if tick and scheduled:
        wait(TICK_SECONDS)
    for query in scheduled:
        yield Check(query.key, "schedule", _schedule(api, query))
    for found in seen.live.found.values():
        if found.kind == "alert" and found.key in seen.wanted:
            yield _state(api, found, wait)


def _presence(seen: Survey) -> Iterator[Check]:
    for key, one in seen.wanted.items():
        found = seen.live.found.get(key)
        gone = f"not on the server: {seen.plan.left.get(key, 'apply')}" if found is None or found.archived else ""
        if one.kind in ("query", "dashboard"):
            draft = "a draft, which nobody else sees" if found and not found.fields["published"] else ""
            yield Check(key, "published", gone or draft)
        elif one.kind not in ("group", "grant", "member"):
            yield Check(key, "there", gone)


def _run(api: Api, query: Found, pack: Pack, now: datetime) -> Check:
    """A scheduled query, and one that an alert reads, runs as the schedule runs it: with its defaults."""
    started = time.monotonic()
    trouble = ""
    try:
        result = api.query_results.run(query.id, parameters_now(query.fields, now), _RUN_SECONDS)
        head = pack.queries[query.key.partition("/")[2]].head
        if not result["data"]["rows"] and not head.may_be_empty:
            trouble = "no rows (its header does not say may_be_empty)"
    except RemoteError as error:
        trouble = str(error)
    return Check(query.key, "run", trouble, time.monotonic() - started)


def _schedule(api: Api, query: Found) -> str:
    schedule = api.queries.get(query.id).get("schedule") or {}
    if not schedule.get("interval"):
        return "none: it was switched off"
    return "switched off by Redash, which could not read it" if schedule.get("disabled") else ""


def _state(api: Api, alert: Found, wait: Callable[[float], None]) -> Check:
    """A worker evaluates an alert a moment after its query ran. One that fires works as well as one that does not."""
    state = "unknown"
    for _ in range(_LOOKS_AT_A_STATE):
        state = str(api.alerts.get(alert.id).get("state"))
        if state != "unknown":
            break
        wait(_BETWEEN_LOOKS_SECONDS)
    trouble = "" if state in ("ok", "triggered") else "unknown: its query has no row, or no such column"
    return Check(alert.key, "state", trouble, said=state)
