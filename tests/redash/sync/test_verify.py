"""After an apply: each thing that can be wrong on a server, and how it is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from redash.remote.api import connected
from redash.remote.runs import QueryResults
from redash.sync.runs import run_queries
from redash.sync.survey import survey
from redash.sync.verify import TICK_SECONDS, Check, verify
from tests.redash.sync.conftest import World

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def checks(world: World, tick: bool = True) -> list[Check]:
    """All checks, the seconds of each left out; to wait is to let the scheduler look."""

    def wait(seconds: float) -> None:
        if seconds == TICK_SECONDS:
            world.fake.tick()

    with connected(world.fake.url, world.api_key, attempts=1) as (api, session):
        api.query_results = QueryResults(api.client, sleep=lambda seconds: None)
        seen = survey(api, session, world.pack(), "default", world.place())
        found = list(verify(api, seen, world.pack(), NOW, wait=wait, tick=tick))
    return [Check(one.key, one.what, one.trouble, 0.0, one.said) for one in found]


def troubles(world: World, tick: bool = True) -> list[tuple[str, str, str]]:
    """What is not well."""
    return [(one.key, one.what, one.trouble) for one in checks(world, tick) if one.trouble]


def test_after_an_apply_all_is_well_and_each_kind_was_looked_at(world: World):
    """Presence, runs, the schedule and the alert, which fires: 2 rejects are more than 1."""
    world.apply()

    assert [one for one in checks(world) if one.key.startswith(("query/rejects", "alert/"))] == [
        Check("query/rejects", "published"),
        Check("alert/rejects", "there"),
        Check("query/rejects", "run"),
        Check("query/rejects", "schedule"),
        Check("alert/rejects", "state", said="triggered"),
    ]
    assert troubles(world) == []


def test_an_alert_that_does_not_fire_is_told_apart_from_one_that_does(world: World):
    """`ok` after a run with a higher limit."""
    world.change("alerts/rejects.yaml", "value: 1", "value: 5")
    world.apply()

    assert checks(world)[-1] == Check("alert/rejects", "state", said="ok")


def test_an_alert_that_can_say_nothing_is_trouble(world: World):
    """Its column is none of the result's: neither fires nor is well."""
    world.change("queries/rejects.sql", "2 AS rejects", "2 AS lost")
    world.apply()

    assert troubles(world) == [("alert/rejects", "state", "unknown: its query has no row, or no such column")]


def test_what_was_never_applied_is_missed(world: World):
    """Everything that the files want, and nothing is run."""
    found = checks(world)

    assert {one.trouble for one in found} == {"not on the server: apply"}
    assert {one.key.partition("/")[0] for one in found} == {
        "source", "query", "chart", "dashboard", "widget", "destination", "alert", "subscription",
    }  # fmt: skip


def test_what_could_not_be_applied_says_why(world: World):
    """The reason of the plan."""
    with world.person() as api:
        api.destinations.create("Hook", "webhook", {"url": "https://theirs.example"})
    world.apply()

    assert ("subscription/rejects/hook", "there", "not on the server: it needs destination/hook") in troubles(world)


def test_a_draft_is_trouble(world: World):
    """A query and a dashboard that somebody took back."""
    world.apply()
    with world.person() as api:
        api.queries.update(world.row("queries", "Calls")["id"], {"is_draft": True})
        api.dashboards.update(world.row("dashboards", "Board")["id"], {"is_draft": True})

    assert troubles(world) == [
        ("query/calls", "published", "a draft, which nobody else sees"),
        ("dashboard/board", "published", "a draft, which nobody else sees"),
    ]


def test_a_query_without_rows_is_trouble_unless_its_header_allows_it(world: World):
    """`may_be_empty` makes the difference."""
    world.change(
        "queries/kinds.sql", "SELECT 'ok' AS value UNION ALL SELECT 'error'", "SELECT 'ok' AS value WHERE 1 = 0"
    )
    world.apply()

    assert troubles(world) == [("query/kinds", "run", "no rows (its header does not say may_be_empty)")]
    world.change("queries/kinds.sql", "SELECT 'ok'", "-- may_be_empty: true\nSELECT 'ok'")
    world.apply()
    assert troubles(world) == []


def test_a_query_that_fails_says_the_database_s_word(world: World):
    """The others are run all the same."""
    world.change("queries/kinds.sql", "SELECT 'ok' AS value UNION ALL SELECT 'error'", "SELECT value FROM nowhere")
    world.apply()
    (trouble,) = troubles(world)

    assert trouble[:2] == ("query/kinds", "run")
    assert "no such table: nowhere" in trouble[2]


@pytest.mark.parametrize(
    ("schedule", "trouble"),
    [
        (None, "none: it was switched off"),
        ({"interval": 300}, "switched off by Redash, which could not read it"),
    ],
    ids=["none", "trap T2"],
)
def test_a_schedule_that_is_dead_after_a_tick_is_trouble(world: World, schedule: object, trouble: str):
    """Somebody took it away, or wrote it in a way that the scheduler refuses at its next look."""
    world.apply()
    with world.person() as api:
        api.queries.update(world.row("queries", "Rejects")["id"], {"schedule": schedule})

    assert ("query/rejects", "schedule", trouble) in troubles(world)


def test_without_waiting_schedules_are_looked_at_as_they_stand(world: World):
    """The scheduler has not seen the broken one yet."""
    world.apply()
    with world.person() as api:
        api.queries.update(world.row("queries", "Rejects")["id"], {"schedule": {"interval": 300}})

    assert troubles(world, tick=False) == []


def test_runs_after_an_apply_resolve_what_only_a_browser_can(world: World):
    """A period of `d_last_7_days` becomes two dates; the query's result is there."""
    world.apply()
    with connected(world.fake.url, world.api_key, attempts=1) as (api, session):
        api.query_results = QueryResults(api.client, sleep=lambda seconds: None)
        seen = survey(api, session, world.pack(), "default", world.place())
        said: list[str] = []
        assert run_queries(api, seen.wanted, ["query/calls"], seen.live.ids, NOW, said.append) == []
        sent = next(one for one in world.fake.writes if one.path.endswith("/results"))

    assert said == ["run query/calls"]
    assert sent.body["parameters"] == {"period": {"start": "2026-11-16", "end": "2026-11-23"}, "kind": "ok"}
