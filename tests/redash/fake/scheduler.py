"""The scheduler's look at all queries, every 30 seconds on a real server (section 3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from tests.redash.fake.parameters import default_text, has_bad_default
from tests.redash.fake.results import execute
from tests.redash.fake.state import Row, State

_KEYS = ("interval", "time", "day_of_week", "until")


def tick(state: State) -> None:
    """Disables schedules that can't be read, ends those that are over, and runs what is due."""
    for query in list(state.queries.values()):
        schedule = query["schedule"]
        if schedule is None or schedule.get("disabled") or query["is_archived"] or query["data_source_id"] is None:
            continue
        if not _is_readable(schedule):
            schedule["disabled"] = True
        elif schedule["until"] and date.fromisoformat(schedule["until"]) < state.moment().date():
            query["schedule"] = None
        elif _is_due(state, query):
            _run(state, query)


def _is_readable(schedule: Row) -> bool:
    """All four keys must be there and parse, else the query is disabled and never runs."""
    if any(key not in schedule for key in _KEYS):
        return False
    try:
        int(schedule["interval"])
        _time_of(schedule["time"])
        if schedule["until"]:
            date.fromisoformat(schedule["until"])
    except (TypeError, ValueError):
        return False
    return True


def _time_of(text: Any) -> datetime | None:
    return datetime.strptime(text, "%H:%M") if text else None  # noqa: DTZ007


def _is_due(state: State, query: Row) -> bool:
    """A query that never ran is due at once; on 10.1 after one interval."""
    interval = timedelta(seconds=int(query["schedule"]["interval"]))
    result = state.results.get(query["latest_query_data_id"])
    if result is not None:
        return datetime.fromisoformat(result["retrieved_at"]) + interval <= state.moment()
    waits = state.version < (25, 1)
    return not waits or datetime.fromisoformat(query["created_at"]) + interval <= state.moment()


def _run(state: State, query: Row) -> None:
    if has_bad_default(query["options"]):
        query["schedule_failures"] += 1
        return
    execute(state, state.sources[query["data_source_id"]], default_text(query), "Scheduled")
