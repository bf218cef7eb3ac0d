"""Queries, their schedules and their visualizations (sections 3, 5 and 9)."""

from __future__ import annotations

from typing import Any

import pytest

from redash.errors import NotThere
from tests.redash.remote.contract.conftest import Place, status_of

HOURLY = {"interval": 3600, "time": None, "day_of_week": None, "until": None}


def test_a_query_is_made_as_a_draft_with_one_table(place: Place):
    """Whatever is said of `is_draft`; publishing is a call of its own."""
    query = place.query(is_draft=False, tags=["one", "two"], description="said")

    table = [(one["type"], one["name"], one["options"]) for one in query["visualizations"]]
    assert (query["is_draft"], query["version"], query["schedule"]) == (True, 1, None)
    assert (query["tags"], query["description"], query["options"]) == (["one", "two"], "said", {})
    assert table == [("TABLE", "Table", {})]
    assert place.api.queries.publish(query["id"])["is_draft"] is False


@pytest.mark.parametrize("change", [{"data_source_id": 999_999}, {"x_unknown": 1}, {"tags": "abc"}])
def test_a_query_that_breaks_the_server(place: Place, change: dict[str, Any]):
    """500 for an unknown data source, an unknown key, or tags that are no list."""
    body = {"name": place.name("q"), "query": "select 1", "data_source_id": place.source()["id"], "options": {}}

    assert status_of(place, "post", "/api/queries", {**body, **change}) == 500


@pytest.mark.parametrize("key", ["name", "query", "data_source_id"])
def test_a_query_needs_its_three_keys(place: Place, key: str):
    """500 for a missing one."""
    body = {"name": place.name("q"), "query": "select 1", "data_source_id": place.source()["id"], "options": {}}
    del body[key]

    assert status_of(place, "post", "/api/queries", body) == 500


def test_tags_are_kept_as_they_are_at_a_create_and_sifted_at_an_update(place: Place):
    """Duplicates stay in both; null is none at a create and breaks the server at an update."""
    made = place.query(tags=["b", "", "a", "b"])

    changed = place.api.queries.update(made["id"], {"tags": ["b", "", "a", "b"]})

    assert (made["tags"], changed["tags"]) == (["b", "", "a", "b"], ["b", "a", "b"])
    assert place.query(tags=None)["tags"] == []
    assert status_of(place, "post", f"/api/queries/{made['id']}", {"tags": None}) == 500


def test_an_update_ignores_what_it_does_not_know(place: Place):
    """Typos pass; the version stays 1, the moment moves even if nothing does."""
    query = place.query()

    changed = place.api.queries.update(query["id"], {"nmae": "typo", "description": "new"})
    again = place.api.queries.update(query["id"], {})

    assert (changed["name"], changed["description"], changed["version"]) == (query["name"], "new", 1)
    assert query["updated_at"] < changed["updated_at"] < again["updated_at"]


def test_options_are_replaced_whole_and_keep_unknown_keys(place: Place):
    """A place for a marker."""
    query = place.query(options={"x_mark": {"b": 1, "a": [1, None]}, "parameters": []})

    changed = place.api.queries.update(query["id"], {"options": {"x_mark": {"c": 2.5}}})

    assert query["options"] == {"x_mark": {"a": [1, None], "b": 1}, "parameters": []}
    assert changed["options"] == {"x_mark": {"c": 2.5}}


def test_a_text_comes_back_byte_for_byte(place: Place):
    """Blanks, line ends, semicolons, other alphabets."""
    text = "select 1 as n; \r\n-- 情感 ü\t\n\n"

    assert place.query(text)["query"] == text


def test_another_version_is_a_conflict(place: Place):
    """Which protects nothing, since the version never moves."""
    query = place.query()

    assert status_of(place, "post", f"/api/queries/{query['id']}", {"version": 2, "name": "n"}) == 409
    assert place.api.queries.update(query["id"], {"version": 1})["version"] == 1


def test_tags_are_found_exactly_and_together(place: Place):
    """Two tags mean both."""
    source_id = place.source()["id"]
    both = place.query(source_id=source_id, tags=["contract-a", "contract-b"])
    place.query(source_id=source_id, tags=["contract-a"])

    assert [one["id"] for one in place.api.queries.all(["contract-a", "contract-b"])] == [both["id"]]
    assert place.api.queries.all(["contract"]) == []


def test_a_list_has_no_visualizations(place: Place):
    """They are read query by query."""
    query = place.query()

    listed = next(one for one in place.api.queries.all() if one["id"] == query["id"])

    assert "visualizations" not in listed
    assert (listed["options"], listed["tags"], listed["query"]) == ({}, [], "select 1 as n")
    assert [one["id"] for one in place.api.queries.get_many([query["id"]])] == [query["id"]]


def test_a_schedule_without_all_its_keys_is_disabled(place: Place):
    """At the scheduler's next look, without a word; a whole one lives, and runs at once, on 10.1 after its hour."""
    source_id = place.source()["id"]
    partial = place.query("select 1 as partial", source_id, schedule={"interval": 3600})
    nonsense = place.query("select 1 as nonsense", source_id, schedule={**HOURLY, "interval": 86400, "time": "99:99"})
    whole = place.query("select 1 as whole", source_id, schedule=HOURLY)

    def of(query: dict[str, Any]) -> Any:
        return place.api.queries.get(query["id"])

    assert partial["schedule"] == {"interval": 3600}
    assert place.until(lambda: of(partial)["schedule"].get("disabled"), scheduler=True) is True
    assert place.until(lambda: of(nonsense)["schedule"].get("disabled"), scheduler=True) is True
    if place.session.version.runs_new_schedules_at_once:
        assert place.until(lambda: of(whole)["latest_query_data_id"], scheduler=True)
    assert of(whole)["schedule"] == HOURLY


def test_a_schedule_that_is_no_object_breaks_the_server(place: Place):
    """500."""
    assert status_of(place, "post", f"/api/queries/{place.query()['id']}", {"schedule": "00:30"}) == 500


def test_a_dynamic_default_is_never_run_by_the_scheduler(place: Place):
    """Only browsers know what `d_last_7_days` is."""
    source_id = place.source()["id"]
    parameter = {"name": "r", "title": "r", "type": "date-range", "value": "d_last_7_days"}
    dynamic = place.query(
        "select '{{ r.start }}' as s", source_id, options={"parameters": [parameter]}, schedule=HOURLY
    )
    plain = place.query("select 1 as beside", source_id, schedule=HOURLY)

    place.until(lambda: place.api.queries.get(plain["id"])["latest_query_data_id"], scheduler=True)

    assert place.api.queries.get(dynamic["id"])["latest_query_data_id"] is None


def test_an_archive_takes_widgets_alerts_and_schedule_with_it(place: Place):
    """Bringing it back gives the query and its visualizations alone; both can be repeated."""
    query = place.query(schedule=HOURLY)
    chart, board, alert = place.chart(query["id"]), place.dashboard(), place.alert(query["id"])
    place.api.alerts.subscribe(alert["id"], place.destination()["id"])
    place.api.widgets.create(board["id"], chart["id"], "", {"position": {"col": 0, "row": 0, "sizeX": 3, "sizeY": 8}})

    place.api.queries.archive(query["id"])
    place.api.queries.archive(query["id"])
    archived = place.api.queries.get(query["id"])
    back = place.api.queries.unarchive(query["id"])

    assert (archived["is_archived"], archived["schedule"]) == (True, None)
    assert (back["is_archived"], back["schedule"]) == (False, None)
    assert [one["name"] for one in back["visualizations"]] == ["Table", chart["name"]]
    assert place.api.dashboards.get(board["id"])["widgets"] == []
    with pytest.raises(NotThere):
        place.api.alerts.get(alert["id"])


def test_a_visualization_is_kept_as_it_was_sent(place: Place):
    """Neither type nor options are checked; an update replaces the options whole, and only what is named."""
    query = place.query()
    chart = place.chart(query["id"], "NO SUCH TYPE", columnMapping={"n": "y"}, x_mark=1)

    place.api.visualizations.update(chart["id"], {"options": {"b": 2}, "x_unknown": 3})

    read = {one["id"]: one for one in place.api.queries.get(query["id"])["visualizations"]}[chart["id"]]
    assert chart["options"] == {"columnMapping": {"n": "y"}, "x_mark": 1}
    assert (read["type"], read["name"], read["options"]) == ("NO SUCH TYPE", chart["name"], {"b": 2})


def test_a_visualization_with_an_unknown_key_breaks_the_server(place: Place):
    """500 at a create."""
    body = {"query_id": place.query()["id"], "type": "CHART", "name": "n", "options": {}, "x_unknown": 1}

    assert status_of(place, "post", "/api/visualizations", body) == 500


def test_a_deleted_visualization_takes_its_widgets_with_it(place: Place):
    """On every dashboard; deleting it again is no error of ours."""
    query, board = place.query(), place.dashboard()
    chart = place.chart(query["id"])
    place.api.widgets.create(board["id"], chart["id"], "", {"position": {"col": 0, "row": 0, "sizeX": 3, "sizeY": 8}})

    assert place.api.visualizations.delete(chart["id"]) is True
    assert place.api.visualizations.delete(chart["id"]) is False
    assert place.api.dashboards.get(board["id"])["widgets"] == []
    assert [one["name"] for one in place.api.queries.get(query["id"])["visualizations"]] == ["Table"]
