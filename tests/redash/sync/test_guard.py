"""An object is looked at once more right before it is written to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from redash.errors import StalePlan
from redash.remote.api import Api, connected
from redash.sync.apply import Applier
from redash.sync.survey import survey
from tests.redash.sync.conftest import SALT, World


def edited_before_the_write(world: World, edit: Callable[[Api], Any]) -> str:
    """An apply while somebody edits, right after its look; what it says."""
    with connected(world.fake.url, world.api_key, attempts=1) as (api, session):
        seen = survey(api, session, world.pack(), "default", world.place())
        with world.person() as other:
            edit(other)
        before = len(world.fake.writes)
        with pytest.raises(StalePlan) as caught:
            Applier(api, seen.target, seen.wanted, seen.live, seen.plan, salt=lambda: SALT).apply()
        assert len(world.fake.writes) == before
    return str(caught.value)


def test_a_query_that_somebody_saves_meanwhile_is_not_written_over(world: World):
    """Its field is named."""
    world.apply()
    world.change("queries/calls.sql", "'ok' AS status", "'good' AS status")
    row = world.row("queries", "Calls")
    said = edited_before_the_write(world, lambda api: api.queries.update(row["id"], {"description": "Mine"}))

    assert said == "changed in Redash since it was read: query/calls: description"


def test_a_chart_counts_as_its_query(world: World):
    """The chart, not the query, has moved."""
    world.apply()
    world.change("queries/calls.sql", "'ok' AS status", "'good' AS status")
    chart = world.row("visualizations", "Total")
    said = edited_before_the_write(world, lambda api: api.visualizations.update(chart["id"], {"name": "Sum"}))

    assert said == "changed in Redash since it was read: chart/calls/total: name"


def test_a_dashboard_and_its_widgets_are_one(world: World):
    """A widget that somebody took away."""
    world.apply()
    world.change("dashboards/board.yaml", "title: {en: Board", "title: {en: Boards")
    chart = world.row("visualizations", "Total")["id"]
    widget = next(row for row in world.fake.state.widgets.values() if row["visualization_id"] == chart)
    said = edited_before_the_write(world, lambda api: api.widgets.delete(widget["id"], widget["dashboard_id"]))

    assert said == "changed in Redash since it was read: widget/board/calls/total is gone"


def test_a_destination_that_is_gone_is_told(world: World):
    """Somebody deleted it."""
    world.apply()
    world.change("destinations.yaml", "title: {en: Hook", "title: {en: The hook")
    row = world.row("destinations", "Hook")
    world.fake.state.subscriptions.clear()
    said = edited_before_the_write(world, lambda api: api.destinations.delete(row["id"]))

    assert said == "changed in Redash since it was read: destination/hook is gone"
