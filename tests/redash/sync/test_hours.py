"""An hour that the files' words mean too stays on the server; another one comes home."""

from __future__ import annotations

import pytest

from redash.specs.models import Schedule
from redash.sync.contents import is_spread_hour
from tests.redash.sync.conftest import World
from tests.redash.sync.handmade import call

DAY = 86_400


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        (None, {"00:00": True, "05:59": True, "06:00": False, "23:59": False}),
        ("23:30", {"23:29": False, "23:30": True, "00:29": True, "00:30": False}),
        ("09:00", {"soon": False, "9:00": False}),
    ],
)
def test_an_hour_is_spread_or_is_not(said: str | None, hours: dict[str, bool]):
    """Up to an hour after the time of the file, also over midnight; without one in the first six."""
    schedule = Schedule(interval_seconds=DAY, time=said)

    assert {hour: is_spread_hour(schedule, hour) for hour in hours} == hours


@pytest.mark.parametrize(("hour", "moved"), [("05:58", False), ("14:30", True)])
def test_an_hour_that_is_none_of_ours_comes_home(world: World, hour: str, moved: bool):
    """Then the file says it, and it is spread no further."""
    world.change("queries/rejects.sql", "{interval_seconds: 300}", "{interval_seconds: 86400}")
    world.apply()
    query = world.row("queries", "Rejects")
    world.fake.state.change(query, schedule={**query["schedule"], "time": hour})
    steps = world.steps()
    call(world, "pull")
    header = (world.folder / "queries/rejects.sql").read_text(encoding="utf-8").splitlines()[2]
    world.apply()

    assert steps == ([("update", "query/rejects")] if moved else [("note", "query/rejects")])
    assert header == "-- schedule: {interval_seconds: 86400" + (", time: 14:30}" if moved else "}")
    assert (world.row("queries", "Rejects")["schedule"]["time"], world.steps()) == (hour, [])
