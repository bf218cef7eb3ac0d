"""The hours of schedules that are spread: one on the server that is as good as ours stays."""

from __future__ import annotations

from dataclasses import replace

from redash.specs.models import Schedule
from redash.specs.spec import Pack
from redash.sync.contents import is_spread_hour
from redash.sync.desired import Desired
from redash.sync.live import Live
from redash.sync.wanted import Fields, Target


def with_hours(wanted: Desired, live: Live, pack: Pack, target: Target) -> Desired:
    """The same, where each spread schedule has the hour that it has on the server, if the file's words mean that one too."""
    if target.environment.schedules != "spread":
        return wanted
    made = dict(wanted)
    for slug, query in pack.queries.items():
        key = f"query/{slug}"
        found = live.found.get(key)
        if found is not None and query.head.schedule is not None:
            schedule = _kept(query.head.schedule, made[key].fields["schedule"], found.fields["schedule"])
            made[key] = replace(made[key], fields={**made[key].fields, "schedule": schedule})
    return made


def _kept(said: Schedule, ours: Fields, theirs: Fields | None) -> Fields:
    hour = theirs["time"] if theirs and theirs["interval"] == ours["interval"] else None
    return {**ours, "time": hour} if ours["time"] and hour and is_spread_hour(said, hour) else ours
