"""Runs queries once, so that no dashboard is empty and no dropdown without choices when the first person looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from redash.errors import RedashAway, RemoteError
from redash.remote.api import Api
from redash.specs.parameters import dynamic_range
from redash.sync.desired import Desired
from redash.sync.live import Live
from redash.sync.plan import Step

_WAIT_SECONDS = 60.0
_RUN_AGAIN = ("sql", "source", "parameters")


def worth_running(steps: Iterable[Step]) -> list[str]:
    """The queries that are new, back, or would return something else than before."""
    return [
        step.key
        for step in steps
        if step.kind == "query"
        and (step.action in ("create", "restore") or any(one.path.split(".")[0] in _RUN_AGAIN for one in step.changes))
    ]


def due(wanted: Desired, live: Live, done: Iterable[Step], *, only_choices: bool) -> list[str]:
    """What an apply runs after its steps: all that is worth it, and whatever a parameter takes its choices from and has no result.

    Without that result Redash refuses every value of the parameter, so it is got even where nothing else is to run.
    """
    behind = {
        str(parameter["queryId"])
        for one in wanted.values()
        for parameter in (one.fields["parameters"] if one.kind == "query" else [])
        if "queryId" in parameter
    }
    worth = [key for key in worth_running(done) if key in behind or not only_choices]
    empty = [
        key
        for key in wanted
        if key in behind and key in live.found and not live.found[key].raw.get("latest_query_data_id")
    ]
    return list(dict.fromkeys([*worth, *empty]))


def parameters_now(fields: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The defaults of a query's parameters; what only a browser resolves is resolved at `now`."""
    values = {}
    for parameter in fields["parameters"]:
        value = parameter["value"]
        if isinstance(value, str) and value.startswith("d_"):
            value = dynamic_range(value, now)
            whole_days = parameter["type"] == "date-range"
            value = {
                part: moment[:10] if whole_days else _cut(moment, parameter["type"]) for part, moment in value.items()
            }
        values[parameter["name"]] = value
    return values


def _cut(moment: str, kind: str) -> str:
    return moment if kind.endswith("with-seconds") else moment[:16]


def run_queries(
    api: Api, wanted: Desired, keys: Iterable[str], ids: dict[str, int], now: datetime, say: Callable[[str], None]
) -> list[str]:
    """Runs each; returns what went wrong. Where no worker answers within a minute the rest is not tried."""
    troubles: list[str] = []
    for key in keys:
        say(f"run {key}")
        try:
            api.query_results.run(ids[key], parameters_now(wanted[key].fields, now), _WAIT_SECONDS)
        except RedashAway as error:
            return [*troubles, f"{key}: {error}"]
        except RemoteError as error:
            troubles.append(f"{key}: {error}")
    return troubles
