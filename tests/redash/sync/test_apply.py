"""A plan done on a server: everything is made, and then there is nothing to do."""

from __future__ import annotations

from tests.redash.sync.conftest import World


def test_an_apply_makes_everything_and_a_second_plan_is_empty(world: World):
    """Nothing is left, nothing is a draft, and the second plan has no step."""
    outcome = world.apply()

    assert (outcome.left, outcome.troubles) == ({}, [])
    assert world.steps() == []
    assert [row["name"] for row in world.fake.state.queries.values() if row["is_draft"]] == []
    assert [row["name"] for row in world.fake.state.dashboards.values()] == ["Board"]
