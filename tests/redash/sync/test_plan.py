"""What would have to be done, field by field, and whose the change was."""

from __future__ import annotations

from typing import Any

import pytest

from redash.sync.paths import Change
from redash.sync.plan import Plan
from tests.redash.sync.conftest import CANARY, World


def plan(world: World) -> Plan:
    """The plan as it would be now."""
    return world.survey().plan


def test_a_plan_reads_and_nothing_else(world: World):
    """On an empty server, a full one, one that somebody edited, and with files that are gone: GETs alone."""
    plan(world)
    world.apply()
    with world.person() as api:
        api.queries.update(world.row("queries", "Calls")["id"], {"name": "Mine"})
    world.fake.requests.clear()
    plan(world)
    world.remove("alerts/rejects.yaml", "queries/rejects.sql")
    world.survey(thorough=True)

    assert {request.method for request in world.fake.requests} == {"GET"}


def test_on_an_empty_server_everything_is_created_in_the_order_of_its_needs(world: World):
    """Each step refers only to what stands before it."""
    keys = [step.key for step in plan(world).steps]

    assert {step.action for step in plan(world).steps} == {"create"}
    assert keys == [
        "source/tts",
        "group/viewers",
        "grant/viewers/source/tts",
        "member/viewers/analyst@example.com",
        "query/kinds",
        "query/rejects",
        "query/calls",
        "chart/calls/by-status",
        "chart/calls/total",
        "chart/calls/rows",
        "dashboard/board",
        "widget/board/text~1",
        "widget/board/calls/by-status",
        "widget/board/calls/total",
        "destination/hook",
        "alert/rejects",
        "subscription/rejects/hook",
    ]
    assert plan(world).exit_code == 10


def test_a_plan_with_nothing_to_do_counts_what_is_well(world: World):
    """Exit code 0, no step, no orphan."""
    world.apply()

    assert plan(world) == Plan(unchanged=17, warnings=(plan(world).warnings))
    assert plan(world).exit_code == 0


@pytest.mark.parametrize(
    ("name", "old", "new", "steps"),
    [
        (
            "queries/rejects.sql",
            "SELECT 2 AS rejects",
            "SELECT 3 AS rejects",
            [("update", "query/rejects", [Change("sql", "SELECT 3 AS rejects", "SELECT 2 AS rejects", "SELECT 2 AS rejects", "file")])],
        ),
        (
            "queries/rejects.sql",
            "interval_seconds: 300",
            "interval_seconds: 600",
            [("update", "query/rejects", [Change("schedule.interval", 600, 300, 300, "file")])],
        ),
        (
            "charts/calls.yaml",
            "title: {en: Total",
            "title: {en: Sum",
            [
                (
                    "update",
                    "chart/calls/total",
                    [Change("name", "Sum", "Total", "Total", "file"), Change("options.counterLabel", "Sum", "Total", "Total", "file")],
                )
            ],
        ),
        (
            "alerts/rejects.yaml",
            "value: 1",
            "value: 2.5",
            [("update", "alert/rejects", [Change("value", 2.5, 1.0, 1, "file")])],
        ),
        (
            "dashboards/board.yaml",
            "chart: calls/total",
            "chart: calls/rows",
            [
                (
                    "replace",
                    "widget/board/calls/rows",
                    [Change("chart", "chart/calls/rows", "chart/calls/total", "chart/calls/total", "file")],
                )
            ],
        ),
        (
            "dashboards/board.yaml",
            "  - {chart: calls/total, values: {kind: ok}, at: {column: 6, row: 1, width: 6, height: 5}}\n",
            "",
            [("remove", "widget/board/calls/total", [])],
        ),
    ],
    ids=["SQL", "schedule", "chart", "alert", "another chart at a place", "a widget less"],
)  # fmt: skip
def test_a_changed_file_is_one_step_with_its_fields(world: World, name: str, old: str, new: str, steps: list[Any]):
    """What the files say, what the server has, what was last applied; all safe."""
    world.apply()
    world.change(name, old, new)
    made = plan(world)

    assert [(step.action, step.key, list(step.changes)) for step in made.steps] == steps
    assert made.exit_code == 10
    world.apply()
    assert world.steps() == []


def test_an_edit_made_in_redash_makes_the_step_destructive(world: World):
    """Both sides are told apart: who changed what."""
    world.apply()
    with world.person() as api:
        row = world.row("queries", "Rejects")
        api.queries.update(row["id"], {"name": "Lost lines", "query": "SELECT 5 AS rejects"})
    world.change("queries/rejects.sql", "SELECT 2 AS rejects", "SELECT 3 AS rejects")
    (step,) = plan(world).steps

    assert (step.action, step.key, step.destructive, plan(world).exit_code) == ("update", "query/rejects", True, 11)
    assert step.changes == (
        Change("name", "Rejects", "Lost lines", "Rejects", "redash"),
        Change("sql", "SELECT 3 AS rejects", "SELECT 5 AS rejects", "SELECT 2 AS rejects", "both"),
    )


def test_a_widget_that_somebody_moved_is_no_safe_loss(world: World):
    """The files give it up, and somebody's work goes with it."""
    world.apply()
    chart = world.row("visualizations", "Total")["id"]
    widget = next(row for row in world.fake.state.widgets.values() if row["visualization_id"] == chart)
    with world.person() as api:
        position = {**widget["options"]["position"], "sizeY": 9}
        api.widgets.update(widget["id"], "", {**widget["options"], "position": position})
    world.change(
        "dashboards/board.yaml",
        "  - {chart: calls/total, values: {kind: ok}, at: {column: 6, row: 1, width: 6, height: 5}}\n",
        "",
    )
    (step,) = plan(world).steps

    assert (step.action, step.costs, step.destructive) == (
        "remove",
        ("widget/board/calls/total was edited in Redash: position.sizeY",),
        True,
    )


def test_a_rotated_secret_is_one_change_and_then_none(world: World):
    """Neither the old nor the new one is in the plan."""
    world.apply()
    world.secret.write_text(f"https://hook.example/{CANARY}-2\n", encoding="utf-8")
    made = plan(world)

    assert [(step.action, step.key, step.changes) for step in made.steps] == [
        ("update", "destination/hook", (Change("secrets.url", "rotated", None, None, "file"),))
    ]
    assert CANARY not in repr(made)
    world.apply()
    assert world.row("destinations", "Hook")["options"]["url"] == f"https://hook.example/{CANARY}-2"
    assert world.steps() == []


def test_an_archived_query_comes_back_and_no_second_one_is_made(world: World):
    """Somebody archived it in Redash: the same object returns, with its alert."""
    world.apply()
    old = world.row("queries", "Rejects")["id"]
    with world.person() as api:
        api.queries.archive(old)

    assert world.steps() == [
        ("restore", "query/rejects"),
        ("create", "alert/rejects"),
        ("create", "subscription/rejects/hook"),
    ]
    world.apply()
    assert [row["id"] for row in world.fake.state.queries.values() if row["name"] == "Rejects"] == [old]
    assert world.steps() == []


def test_what_is_not_ours_is_in_no_plan(world: World):
    """Objects of the same names, without our marker: ours are made beside them, and they stay as they are."""
    with world.person() as api:
        source = api.data_sources.create("Mine", "sqlite", {"dbpath": str(world.folder.parent / "tts.db")})
        query = api.queries.create(
            {"name": "Calls", "query": "select 1", "data_source_id": source["id"], "options": {}}
        )
        board = api.dashboards.create("Board")
    before = {table: dict(getattr(world.fake.state, table)[one]) for table, one in
              (("sources", source["id"]), ("queries", query["id"]), ("dashboards", board["id"]))}  # fmt: skip
    world.apply()
    world.change("queries/calls.sql", "'ok' AS status", "'good' AS status")
    world.apply()

    assert {table: dict(getattr(world.fake.state, table)[one["id"]]) for table, one in before.items()} == before
    assert world.steps() == []


def test_a_destination_of_the_name_that_is_not_ours_blocks_and_is_not_touched(world: World):
    """Names of destinations are unique: it is left, with all that needs it, and the rest is done."""
    with world.person() as api:
        made = api.destinations.create("Hook", "webhook", {"url": "https://theirs.example"})
    outcome = world.apply()

    assert outcome.left == {
        "destination/hook": "there is a destination named 'Hook' already, and it is not ours: adopt it, or give a prefix",
        "subscription/rejects/hook": "it needs destination/hook",
    }
    assert world.fake.state.destinations[made["id"]]["options"] == {"url": "https://theirs.example"}
    assert world.survey().plan.steps == ()
