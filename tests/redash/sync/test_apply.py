"""A plan done on a server: everything is made, and then there is nothing to do."""

from __future__ import annotations

from tests.redash.sync.conftest import FILES, World


def test_an_apply_makes_everything_and_a_second_plan_is_empty(world: World):
    """Nothing is left, nothing is a draft, and the second plan has no step."""
    outcome = world.apply()

    assert (outcome.left, outcome.troubles) == ({}, [])
    assert world.steps() == []
    assert [row["name"] for row in world.fake.state.queries.values() if row["is_draft"]] == []
    assert [row["name"] for row in world.fake.state.dashboards.values()] == ["Board"]


def test_widgets_that_are_left_move_nobody_below_them(world: World):
    """A text box under charts that could not be made yet shows higher for a while: no edit, and the next apply goes on."""
    world.write(
        "dashboards/board.yaml",
        FILES["dashboards/board.yaml"]
        + '  - {text: {en: "### Below", zh-CN: "### 下面"}, at: {column: 0, row: 6, width: 12, height: 1}}\n',
    )
    with world.person() as api:
        theirs = api.data_sources.create("Speech", "sqlite", {"dbpath": "/tmp/theirs.db"})  # noqa: S108  On the server.
    first = world.apply()
    with world.person() as api:
        api.data_sources.update(theirs["id"], "Theirs", "sqlite", {"dbpath": "/tmp/theirs.db"})  # noqa: S108
    plan = world.survey().plan

    assert "widget/board/calls/by-status" in first.left
    assert [step.key for step in plan.steps if step.destructive or step.key.startswith("widget/board/text")] == []
    assert world.apply().left == {}
    assert world.steps() == []
    below = next(row for row in world.fake.state.widgets.values() if row["text"] == "### Below")
    assert below["options"]["position"]["row"] == 6
