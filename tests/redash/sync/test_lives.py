"""Applies that are killed at any write, and what the next ones make of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redash.errors import RedashAway
from tests.redash.sync.conftest import World


def shape(world: World) -> dict[str, Any]:
    """All that is on the server, by name and without ids, markers and moments."""
    state = world.fake.state
    names = {row["id"]: row["name"] for table in (state.queries, state.visualizations, state.dashboards, state.sources,
                                                  state.alerts, state.destinations) for row in table.values()}  # fmt: skip

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(inner) for key, inner in value.items() if key != "x_voxmeter"}
        return [bare(inner) for inner in value] if isinstance(value, list) else value

    def rows(table: dict[int, Any], *keys: str) -> list[Any]:
        found = [{key: bare(row.get(key)) for key in keys} for row in table.values()]
        named = [{k: names.get(v, v) if k.endswith("_id") else v for k, v in row.items()} for row in found]
        return sorted(named, key=str)

    return {
        "sources": rows(state.sources, "name", "type"),
        "links": sorted((link["group_id"], link["view_only"]) for link in state.links),
        "queries": rows(state.queries, "name", "query", "description", "schedule", "tags", "is_draft", "is_archived"),
        "charts": rows(state.visualizations, "query_id", "type", "name", "options"),
        "dashboards": rows(state.dashboards, "name", "tags", "is_draft", "options"),
        "widgets": rows(state.widgets, "dashboard_id", "visualization_id", "text", "options"),
        "alerts": rows(state.alerts, "name", "query_id", "options", "rearm"),
        "destinations": rows(state.destinations, "name", "type"),
        "subscriptions": rows(state.subscriptions, "alert_id", "destination_id"),
    }


def killed(world: World, write: int, done: bool) -> bool:
    """One apply that loses its server at a write, and whether it did."""
    world.fake.die_after(write, done)
    try:
        with suppress(RedashAway):
            world.apply()
            return False
        return True
    finally:
        world.fake.revive()


def test_an_apply_that_dies_at_each_write_in_turn_makes_no_object_twice(make_world: Callable[[], World]):
    """One write further each time, its answer lost; in the end all is as an undisturbed apply makes it."""
    calm, hunted = make_world(), make_world()
    calm.apply()
    lives = 0
    while killed(hunted, 1, done=True):
        lives += 1

    assert lives >= 15
    assert shape(hunted) == shape(calm)
    assert hunted.steps() == []


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kills=st.lists(st.tuples(st.integers(1, 26), st.booleans()), min_size=1, max_size=3))
def test_whatever_dies_converges(make_world: Callable[[], World], kills: list[tuple[int, bool]]):
    """Kills at any write, done or not: the next apply that lives ends where an undisturbed one does."""
    calm, hunted = make_world(), make_world()
    calm.apply()
    for write, done in kills:
        killed(hunted, write, done)
    outcome = hunted.apply()

    assert (outcome.left, outcome.troubles) == ({}, [])
    assert shape(hunted) == shape(calm)
    assert hunted.steps() == []
