"""Whose an object is: its marker says it, and the marker's own number tells a copy from its original."""

from __future__ import annotations

from typing import Any

import pytest

from redash.errors import RedashError
from tests.redash.sync.conftest import World


def copied(world: World) -> dict[str, Any]:
    """A copy of a query of ours, as Redash makes it of everything that it has."""
    world.apply()
    row = world.row("queries", "Rejects")
    kept = {"query": row["query"], "data_source_id": row["data_source_id"], "options": dict(row["options"])}
    with world.person() as api:
        return api.queries.create({**kept, "name": "Copy of Rejects", "tags": list(row["tags"])})


def test_a_copy_made_in_redash_is_nobody_of_ours(world: World):
    """It bears our marker and our tag, and is neither changed nor missed."""
    copy = copied(world)
    seen = world.survey(thorough=True)
    before = dict(world.fake.state.queries[copy["id"]])
    world.apply()

    assert seen.live.found["query/rejects"].id == world.row("queries", "Rejects")["id"]
    assert copy["id"] not in {one.id for one in seen.live.found.values()}
    assert (seen.plan.steps, world.fake.state.queries[copy["id"]]) == ((), before)


def test_two_that_nothing_tells_apart_are_an_error_that_names_both(world: World):
    """As where somebody copied one whose apply was cut off."""
    copy = copied(world)
    original = world.row("queries", "Rejects")
    for row in (original, world.fake.state.queries[copy["id"]]):
        row["options"] = {**row["options"], "x_voxmeter": {**row["options"]["x_voxmeter"], "id": None}}

    with pytest.raises(RedashError, match=f"two of query/rejects on the server: {original['id']} and {copy['id']}"):
        world.survey()
