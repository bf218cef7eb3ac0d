"""What a user who is no admin may do with what others made (sections 0 and 8)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from redash.errors import NotAllowed, Refused
from redash.remote.api import Api
from redash.remote.client import Client
from tests.redash.remote.contract.conftest import Place


@pytest.fixture
def analyst(place: Place) -> Iterator[Api]:
    """A new user of the group `default`; one who changed anything can't be deleted again, and stays."""
    mail = f"contract-{uuid.uuid4().hex[:12]}@example.com"
    user = place.client.post("/api/users?no_invite=1", {"name": "Contract", "email": mail})
    place.later.callback(_forget, place, user["id"])
    with Client(place.client.base_url, place.api.users.get(user["id"])["api_key"], attempts=1) as client:
        yield Api(client)


def _forget(place: Place, user_id: int) -> None:
    with suppress(Refused):
        place.client.delete(f"/api/users/{user_id}")


def test_the_session_says_that_it_is_no_admin(place: Place, analyst: Api):
    """A pending user's key works at once."""
    session = analyst.session()

    assert (session.is_admin, session.version) == (False, place.session.version)


ADMINS_ALONE: dict[str, Callable[[Api, dict[str, Any]], Any]] = {
    "create a data source": lambda api, ids: api.data_sources.create("n", "sqlite", {"dbpath": "x"}),
    "change a data source": lambda api, ids: api.data_sources.update(ids["source"], "n", "sqlite", {"dbpath": "x"}),
    "delete a data source": lambda api, ids: api.data_sources.delete(ids["source"]),
    "test a data source": lambda api, ids: api.data_sources.test(ids["source"]),
    "list types": lambda api, ids: api.data_sources.types(),
    "create a destination": lambda api, ids: api.destinations.create("n", "webhook", {"url": "http://x"}),
    "read a destination": lambda api, ids: api.destinations.get(ids["destination"]),
    "create a group": lambda api, ids: api.groups.create("n"),
    "read a group's sources": lambda api, ids: api.groups.data_sources(ids["group"]),
    "read the settings": lambda api, ids: api.settings.get(),
    "read the status": lambda api, ids: api.status(),
}
OWNERS_AND_ADMINS: dict[str, Callable[[Api, dict[str, Any]], Any]] = {
    "change a query": lambda api, ids: api.queries.update(ids["query"], {"name": "n"}),
    "archive a query": lambda api, ids: api.queries.archive(ids["query"]),
    "create a chart": lambda api, ids: api.visualizations.create(ids["query"], "CHART", "n", "", {}),
    "change a chart": lambda api, ids: api.visualizations.update(ids["chart"], {"name": "n"}),
    "delete a chart": lambda api, ids: api.visualizations.delete(ids["chart"]),
    "change a dashboard": lambda api, ids: api.dashboards.update(ids["board"], {"name": "n"}),
    "archive a dashboard": lambda api, ids: api.dashboards.archive(ids["board"]),
    "create a widget": lambda api, ids: api.widgets.create(ids["board"], None, "t", {}),
    "change a widget": lambda api, ids: api.widgets.update(ids["widget"], "t", {}),
    "delete a widget": lambda api, ids: api.widgets.delete(ids["widget"], ids["board"]),
    "change an alert": lambda api, ids: api.alerts.update(ids["alert"], {"name": "n"}),
    "delete an alert": lambda api, ids: api.alerts.delete(ids["alert"]),
    "mute an alert": lambda api, ids: api.alerts.mute(ids["alert"]),
    "evaluate an alert": lambda api, ids: api.alerts.eval(ids["alert"]),
}


@pytest.fixture
def ids(place: Place) -> dict[str, Any]:
    """One of each kind, made by an admin."""
    source, destination, group = place.source(), place.destination(), place.group()
    query, board = place.query(source_id=source["id"]), place.dashboard()
    chart, alert = place.chart(query["id"]), place.alert(query["id"])
    widget = place.api.widgets.create(board["id"], chart["id"], "", {"position": {}})
    made = {"source": source, "destination": destination, "group": group, "query": query, "board": board}
    return {name: one["id"] for name, one in {**made, "chart": chart, "alert": alert, "widget": widget}.items()}


def test_what_is_for_admins_or_owners_is_not_for_others(place: Place, analyst: Api, ids: dict[str, Any]):
    """403 each time, and nothing has changed."""
    done = []
    acts = {**ADMINS_ALONE, **OWNERS_AND_ADMINS}
    if not place.session.version.has_alert_eval:
        del acts["evaluate an alert"]
    for what, act in acts.items():
        try:
            act(analyst, ids)
            done.append(what)
        except NotAllowed:
            pass

    assert done == []


def test_others_may_look(analyst: Api, ids: dict[str, Any]):
    """At drafts of queries too, at drafts of dashboards only by their id; at data sources without options."""
    source = analyst.data_sources.get(ids["source"])
    groups = [group["name"] for group in analyst.groups.all()]

    assert ids["query"] in {one["id"] for one in analyst.queries.all()}
    assert ids["board"] not in {one["id"] for one in analyst.dashboards.all()}
    assert ids["alert"] in {one["id"] for one in analyst.alerts.all()}
    assert ids["destination"] in {one["id"] for one in analyst.destinations.all()}
    assert analyst.dashboards.get(ids["board"])["can_edit"] is False
    assert analyst.queries.get(ids["query"])["can_edit"] is False
    assert ("options" in source, groups) == (False, ["default"])


def test_anybody_archives_any_dashboard_by_delete(place: Place, analyst: Api, ids: dict[str, Any]):
    """The server asks nobody whose it is; by POST it does."""
    analyst.client.delete(f"/api/dashboards/{ids['board']}")

    assert place.api.dashboards.get(ids["board"])["is_archived"] is True


def test_a_source_that_a_group_may_only_look_at_runs_saved_safe_queries(
    place: Place, analyst: Api, ids: dict[str, Any]
):
    """No text of one's own, no new query; an admin does all that."""
    [default] = place.api.data_sources.get(ids["source"])["groups"]
    unsafe = {"name": "p", "title": "p", "type": "text", "value": "a"}
    risky = place.query("select '{{ p }}' as p", ids["source"], options={"parameters": [unsafe]})
    place.api.groups.set_view_only(int(default), ids["source"], True)
    body = {"name": "n", "query": "select 1", "data_source_id": ids["source"], "options": {}}

    with pytest.raises(NotAllowed):
        analyst.query_results.start_text(ids["source"], "select 1")
    with pytest.raises(NotAllowed):
        analyst.queries.create(body)
    with pytest.raises(NotAllowed):
        analyst.query_results.start(risky["id"], {"p": "b"})
    assert analyst.query_results.run(ids["query"])["data"]["rows"] == [{"n": 1}]
    assert place.api.query_results.run_text(ids["source"], "select 2 as n")["data"]["rows"] == [{"n": 2}]


def test_a_source_that_is_closed_hides_its_queries(place: Place, analyst: Api, ids: dict[str, Any]):
    """By its id too, unlike to an admin."""
    [default] = place.api.data_sources.get(ids["source"])["groups"]
    place.api.groups.remove_data_source(int(default), ids["source"])

    with pytest.raises(NotAllowed):
        analyst.queries.get(ids["query"])
    with pytest.raises(NotAllowed):
        analyst.query_results.start(ids["query"])
    assert ids["source"] not in {one["id"] for one in analyst.data_sources.all()}
