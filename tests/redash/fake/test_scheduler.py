"""The scheduler's looks, and alerts over time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from redash.remote.api import Api
from redash.remote.client import Client
from tests.redash.fake.server import FakeRedash

HOURLY = {"interval": 3600, "time": None, "day_of_week": None, "until": None}


class Place:
    """A server with one data source."""

    def __init__(self, fake: FakeRedash, api: Api) -> None:
        self.fake, self.api = fake, api
        self.source = api.data_sources.create("s", "sqlite", {"dbpath": ":memory:"})

    def query(self, text: str = "select 9 as n", **more: Any) -> dict[str, Any]:
        body = {"name": "q", "query": text, "data_source_id": self.source["id"], "options": {}, **more}
        return self.api.queries.create(body)

    def runs(self, query: dict[str, Any]) -> int:
        """How often the text of a query ran."""
        return sum(row["query"] == query["query"] for row in self.fake.state.results.values())


def places(version: tuple[int, int]) -> Iterator[Place]:
    with FakeRedash(version) as fake, Client(fake.url, fake.api_key, attempts=1) as client:
        yield Place(fake, Api(client))


@pytest.fixture
def place() -> Iterator[Place]:
    """A server of today."""
    yield from places((26, 3))


@pytest.fixture
def old_place() -> Iterator[Place]:
    """A server of 2021."""
    yield from places((10, 1))


def test_a_scheduled_query_runs_at_once_and_then_once_an_interval(place: Place):
    """Looks in between change nothing."""
    query = place.query(schedule=HOURLY)

    seen = []
    for seconds in (0, 30, 3500, 100, 30):
        place.fake.state.skip(seconds)
        place.fake.tick()
        seen.append(place.runs(query))

    assert seen == [1, 1, 1, 2, 2]


def test_a_scheduled_query_waits_one_interval_on_10_1(old_place: Place):
    """Before it runs for the first time."""
    query = old_place.query(schedule=HOURLY)

    old_place.fake.tick()
    before = old_place.runs(query)
    old_place.fake.state.skip(3601)
    old_place.fake.tick()

    assert (before, old_place.runs(query)) == (0, 1)


def test_a_schedule_ends_on_its_day(place: Place):
    """It is gone then."""
    query = place.query(schedule={**HOURLY, "until": "2020-01-01"})

    place.fake.tick()

    assert place.api.queries.get(query["id"])["schedule"] is None
    assert place.runs(query) == 0


def test_an_archived_or_detached_query_never_runs(place: Place):
    """Nor one whose default only browsers know: it counts failures."""
    parameter = {"name": "r", "title": "r", "type": "date-range", "value": "d_last_7_days"}
    dynamic = place.query("select '{{ r.start }}'", schedule=HOURLY, options={"parameters": [parameter]})
    detached = place.query("select 2 as n", schedule=HOURLY)
    place.fake.tick()
    place.api.data_sources.delete(place.source["id"])
    place.fake.state.skip(7200)
    place.fake.tick()

    assert place.fake.state.queries[dynamic["id"]]["schedule_failures"] == 1
    assert place.runs(detached) == 0


def alerting(place: Place, rearm: int | None, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A triggered alert on an hourly query, with one mail subscription."""
    query = place.query(schedule=HOURLY)
    chosen = {"column": "n", "op": ">", "value": 5, "selector": "first", **options}
    alert = place.api.alerts.create(query["id"], "a", chosen, rearm)
    place.api.alerts.subscribe_caller(alert["id"])
    return query, alert


@pytest.mark.parametrize(("rearm", "told"), [(None, 1), (0, 1), (1, 3), (5000, 2), (100_000, 1)])
def test_an_alert_tells_again_as_its_rearm_says(place: Place, rearm: int | None, told: int):
    """Once a change, at every evaluation, or at most every so many seconds."""
    alerting(place, rearm)

    for _ in range(3):
        place.fake.tick()
        place.fake.state.skip(3601)

    assert [one["state"] for one in place.fake.state.told] == ["triggered"] * told


@pytest.mark.parametrize("options", [{"muted": True}, {"value": 10}])
def test_a_muted_alert_and_one_that_becomes_ok_tell_nobody(place: Place, options: dict[str, Any]):
    """Their state moves all the same."""
    _, alert = alerting(place, None, **options)

    place.fake.tick()

    assert place.fake.state.told == []
    assert place.api.alerts.get(alert["id"])["state"] != "unknown"


def test_an_alert_without_selector_tells_nobody(place: Place):
    """Its template dies in the worker."""
    query, _ = alerting(place, None)
    bare = place.api.alerts.create(query["id"], "bare", {"column": "n", "op": ">", "value": 5}, None)
    place.api.alerts.subscribe_caller(bare["id"])

    place.fake.tick()

    assert [one["alert_id"] == bare["id"] for one in place.fake.state.told] == [False]
    assert place.api.alerts.get(bare["id"])["state"] == "triggered"


def test_an_alert_goes_back_and_forth_with_its_query(place: Place):
    """Each change is told once."""
    query, alert = alerting(place, None)
    states = []
    for text in ("select 9 as n", "select 1 as n", "select 9 as n"):
        place.api.queries.update(query["id"], {"query": text})
        place.api.query_results.run(query["id"])
        states.append(place.api.alerts.get(alert["id"])["state"])

    assert states == ["triggered", "ok", "triggered"]
    assert [one["state"] for one in place.fake.state.told] == states


def test_10_1_reads_the_first_row_and_no_query_with_parameters(old_place: Place):
    """Whatever the selector says."""
    first = old_place.query("select 1 as n union all select 9")
    given = old_place.query(
        "select {{ p }} as n", options={"parameters": [{"name": "p", "type": "number", "value": 9}]}
    )
    options = {"column": "n", "op": ">", "value": 5, "selector": "max"}
    alerts = [old_place.api.alerts.create(one["id"], "a", options, None) for one in (first, given)]

    old_place.api.query_results.run(first["id"])
    old_place.api.query_results.run(given["id"], {"p": 9})

    assert [old_place.api.alerts.get(alert["id"])["state"] for alert in alerts] == ["ok", "unknown"]
