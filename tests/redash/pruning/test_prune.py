"""What has no file any more goes, nothing else does, and what goes along is said before."""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path

import pytest

from redash.errors import RedashAway, StalePlan
from redash.pruning.prune import Pruning, prune, pruning, with_costs
from redash.remote.api import connected
from redash.sync.survey import survey
from tests.redash.sync.conftest import CANARY, World


def going(world: World) -> Pruning:
    """What would go."""
    with connected(world.fake.url, world.api_key, attempts=1) as (api, session):
        return pruning(api, survey(api, session, world.pack(), "default", world.place(), thorough=True))


def somebody_builds_on_it(world: World) -> None:
    """A colleague's dashboard with a chart of ours, an alert on our query, and a mail for each of our alert's news."""
    with world.person() as api:
        board = api.dashboards.create("Morning round")
        api.dashboards.update(board["id"], {"is_draft": False})
        chart = world.row("visualizations", "Calls by status")["id"]
        api.widgets.create(board["id"], chart, "", {"position": {"col": 0, "row": 0, "sizeX": 6, "sizeY": 8}})
        options = {"column": "rejects", "op": ">", "value": 9, "selector": "first"}
        api.alerts.create(world.row("queries", "Rejects")["id"], "Far too many", options, None)
        api.alerts.subscribe_caller(world.row("alerts", "Many rejects")["id"])


def test_nothing_goes_where_all_have_files(world: World):
    """No step, and nothing is asked of dashboards that are not ours."""
    world.apply()

    assert going(world) == Pruning((), {}, {})


def test_what_goes_is_said_with_what_it_takes_along(world: World):
    """The colleague's widget, alert and subscription; what is ours is no loss."""
    world.apply()
    somebody_builds_on_it(world)
    world.remove("alerts/rejects.yaml", "queries/rejects.sql", "queries/calls.sql", "charts/calls.yaml",
                 "dashboards/board.yaml")  # fmt: skip

    assert [(step.action, step.key, step.costs) for step in going(world).steps] == [
        (
            "archive",
            "alert/rejects",
            ("takes along the subscription of human@example.com to the alert 'Many rejects'",),
        ),
        ("archive", "dashboard/board", ()),
        ("archive", "query/rejects", ("takes along the alert 'Far too many' of Human",)),
        ("archive", "query/calls", ("takes along a widget on the dashboard 'Morning round' of Human",)),
    ]


def test_a_plan_tells_it_too_and_only_reads(world: World):
    """Orphans are no steps of an apply; what a prune of them would cost stands beside them."""
    world.apply()
    somebody_builds_on_it(world)
    world.remove("dashboards/board.yaml", "charts/calls.yaml", "queries/calls.sql")
    before = len(world.fake.writes)
    with connected(world.fake.url, world.api_key, attempts=1) as (api, session):
        seen = with_costs(api, survey(api, session, world.pack(), "default", world.place()))

    assert seen.plan.steps == ()
    assert [(one.key, one.costs) for one in seen.plan.orphans if one.costs] == [
        ("query/calls", ("takes along a widget on the dashboard 'Morning round' of Human",))
    ]
    assert len(world.fake.writes) == before


def test_what_somebody_changed_or_added_is_said(world: World):
    """An edited query, and a text box on our dashboard."""
    world.apply()
    with world.person() as api:
        api.queries.update(world.row("queries", "Calls")["id"], {"name": "Calls, mine"})
        api.widgets.create(world.row("dashboards", "Board")["id"], None, "A note", {})
    world.remove("dashboards/board.yaml", "charts/calls.yaml", "queries/calls.sql")

    assert [(step.key, step.costs) for step in going(world).steps] == [
        ("dashboard/board", ("holds 1 widgets that somebody added in Redash",)),
        ("query/calls", ("query/calls was edited in Redash: name",)),
    ]


def test_only_what_has_no_file_is_archived(world: World, tmp_path: Path):
    """The rest, ours or not, is as it was; a second prune finds nothing."""
    world.apply()
    with world.person() as api:
        source = world.row("sources", "Speech")["id"]
        api.queries.create({"name": "Mine", "query": "select 1", "data_source_id": source, "options": {}})
    world.remove("dashboards/board.yaml", "charts/calls.yaml", "queries/calls.sql")
    outcome = world.prune(tmp_path / "backup.json")
    state = world.fake.state

    assert ([step.key for step in outcome.done], outcome.left) == (["dashboard/board", "query/calls"], {})
    assert {row["name"]: row["is_archived"] for row in state.queries.values()} == {
        "Kinds": False, "Calls": True, "Rejects": False, "Mine": False,
    }  # fmt: skip
    assert [row["is_archived"] for row in state.dashboards.values()] == [True]
    assert [row["name"] for row in state.alerts.values()] == ["Many rejects"]
    assert going(world).steps == ()
    assert world.steps() == []


def test_a_chart_and_an_alert_go_while_their_query_stays(world: World, tmp_path: Path):
    """They are deleted; the plan after it is empty."""
    world.apply()
    world.change("charts/calls.yaml", "total: {type: counter, title: {en: Total, zh-CN: 总数}, column: calls, unit: count}\n", "")  # fmt: skip
    world.change(
        "dashboards/board.yaml",
        "  - {chart: calls/total, values: {kind: ok}, at: {column: 6, row: 1, width: 6, height: 5}}\n",
        "",
    )
    world.remove("alerts/rejects.yaml")
    world.apply()
    world.prune(tmp_path / "backup.json")

    assert [row["name"] for row in world.fake.state.alerts.values()] == []
    assert "Total" not in [row["name"] for row in world.fake.state.visualizations.values()]
    assert [row["is_archived"] for row in world.fake.state.queries.values()] == [False, False, False]
    assert world.steps() == []


def test_what_holds_secrets_stays_and_says_why(world: World, tmp_path: Path):
    """A destination without a file."""
    world.apply()
    world.change("alerts/rejects.yaml", "destinations: [hook]", "destinations: []")
    world.environment["destinations"] = []
    world.apply()
    world.remove("destinations.yaml")

    assert going(world).stays == {
        "destination/hook": "no backup can hold its secrets: delete it in Redash",
    }
    assert going(world).steps == ()
    world.prune(tmp_path / "backup.json")
    assert [row["name"] for row in world.fake.state.destinations.values()] == ["Hook"]


def test_the_backup_is_for_its_owner_alone_and_holds_no_secret(world: World, tmp_path: Path):
    """0600; neither the hook's address nor any API key."""
    world.apply()
    world.remove(*(f"{name}" for name in ("alerts/rejects.yaml", "queries/rejects.sql")))
    path = tmp_path / "backup.json"
    world.prune(path)
    text = path.read_text(encoding="utf-8")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (CANARY in text, world.api_key in text, "api_key" in text, "Many rejects" in text) == (
        False, False, False, True,
    )  # fmt: skip


def test_what_moved_since_it_was_looked_at_is_not_archived(world: World):
    """Somebody saves the query between the look and the archive."""
    world.apply()
    world.remove("dashboards/board.yaml", "charts/calls.yaml", "queries/calls.sql")
    with connected(world.fake.url, world.api_key, attempts=1) as (api, session):
        seen = survey(api, session, world.pack(), "default", world.place(), thorough=True)
        steps = pruning(api, seen)
        with world.person() as other:
            other.queries.update(world.row("queries", "Calls")["id"], {"name": "Calls, mine"})
        with pytest.raises(StalePlan, match="changed in Redash since it was read: query/calls: name"):
            prune(api, seen, steps, lambda line: None)

    assert world.row("queries", "Calls, mine")["is_archived"] is False


def test_a_prune_that_is_cut_off_goes_on(world: World, tmp_path: Path):
    """At each write, done or not; every backup holds what was still there."""
    world.apply()
    world.remove("dashboards/board.yaml", "charts/calls.yaml", "queries/calls.sql", "queries/rejects.sql",
                 "alerts/rejects.yaml")  # fmt: skip
    for number, done in enumerate((False, True, False, True)):
        world.fake.die_after(1, done)
        with suppress(RedashAway):
            world.prune(tmp_path / f"{number}.json")
        world.fake.revive()
    world.prune(tmp_path / "last.json")

    assert {row["name"]: row["is_archived"] for row in world.fake.state.queries.values()} == {
        "Kinds": False, "Calls": True, "Rejects": True,
    }  # fmt: skip
    assert world.fake.state.alerts == {}
