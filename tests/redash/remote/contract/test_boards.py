"""Dashboards and their widgets (sections 6 and 9)."""

from __future__ import annotations

from typing import Any

import pytest

from redash.errors import Conflict
from tests.redash.remote.contract.conftest import Place, status_of

POSITION = {"autoHeight": False, "col": 0, "row": 2, "sizeX": 6, "sizeY": 8}


def test_a_dashboard_is_made_of_its_name_alone(place: Place):
    """All else has to be said afterwards."""
    body = {"name": place.name("board"), "tags": ["t"], "is_draft": False, "options": {"a": 1}}
    made = place.client.post("/api/dashboards", body)
    place.later.callback(place.api.dashboards.archive, made["id"])

    assert {key: made[key] for key in ("name", "tags", "is_draft", "options", "version", "widgets")} == {
        "name": body["name"], "tags": [], "is_draft": True, "options": {}, "version": 1, "widgets": None,
    }  # fmt: skip
    assert status_of(place, "post", "/api/dashboards", {}) == 500


def test_an_update_replaces_options_whole(place: Place):
    """Unknown keys in them stay, unknown keys beside them are ignored."""
    board = place.dashboard()
    first = {"tags": ["contract-t"], "is_draft": False, "options": {"x_mark": {"k": 1}, "globalParamOrder": ["r"]}}

    changed = place.api.dashboards.update(board["id"], {**first, "x_unknown": 1})
    again = place.api.dashboards.update(board["id"], {"options": {"b": 2}, "tags": None})

    assert {key: changed[key] for key in first} == first
    assert (again["options"], again["tags"], again["is_draft"]) == ({"b": 2}, [], False)
    assert (changed["version"], again["version"]) == (2, 3)


def test_tags_that_are_no_list_break_the_server(place: Place):
    """Empty ones are kept, unlike those of a query."""
    board = place.dashboard()

    assert status_of(place, "post", f"/api/dashboards/{board['id']}", {"tags": "abc"}) == 500
    assert place.api.dashboards.update(board["id"], {"tags": ["b", "", "b"]})["tags"] == ["b", "", "b"]


def test_the_version_locks(place: Place):
    """Each save moves it, one that changes nothing too; widgets don't."""
    board = place.dashboard()
    place.api.widgets.create(board["id"], None, "text", {"position": POSITION})

    assert place.api.dashboards.get(board["id"])["version"] == 1
    assert place.api.dashboards.update(board["id"], {"version": 1})["version"] == 2
    with pytest.raises(Conflict):
        place.api.dashboards.update(board["id"], {"version": 1, "name": "late"})
    assert place.api.dashboards.update(board["id"], {"tags": []})["version"] == 3


def test_a_list_has_no_widgets(place: Place):
    """Tags find exactly; the own drafts are there."""
    board = place.dashboard()
    place.api.dashboards.update(board["id"], {"tags": ["contract-list"]})
    place.api.widgets.create(board["id"], None, "text", {"position": POSITION})

    listed = place.api.dashboards.all(["contract-list"])

    assert [(one["id"], one["widgets"], one["is_draft"]) for one in listed] == [(board["id"], None, True)]


def test_an_archived_dashboard_keeps_its_widgets(place: Place):
    """By POST or DELETE, as often as one likes; it comes back whole."""
    board = place.dashboard()
    widget = place.api.widgets.create(board["id"], None, "text", {"position": POSITION})

    place.client.delete(f"/api/dashboards/{board['id']}")
    archived = place.api.dashboards.archive(board["id"])
    listed = {one["id"] for one in place.api.dashboards.all()}
    back = place.api.dashboards.unarchive(board["id"])

    assert (archived["is_archived"], back["is_archived"], board["id"] in listed) == (True, False, False)
    assert [one["id"] for one in place.api.dashboards.get(board["id"])["widgets"]] == [widget["id"]]


def test_a_widget_shows_a_visualization_or_a_text(place: Place):
    """Unknown keys in its options stay, also in the position."""
    query, board = place.query(), place.dashboard()
    chart = place.chart(query["id"])
    mapped = {"r": {"name": "r", "type": "dashboard-level", "mapTo": "r", "value": None, "title": ""}}
    options = {"isHidden": False, "position": POSITION, "parameterMappings": mapped, "x_mark": "w"}

    place.api.widgets.create(board["id"], chart["id"], "", options)
    place.api.widgets.create(board["id"], None, "# Title", {"position": POSITION})
    read = {one["text"]: one for one in place.api.dashboards.get(board["id"])["widgets"]}

    assert read[""]["options"] == options
    assert read[""]["visualization"]["id"] == chart["id"]
    assert read[""]["visualization"]["query"]["id"] == query["id"]
    assert "visualization" not in read["# Title"] or read["# Title"]["visualization"] is None


@pytest.mark.parametrize("missing", ["visualization_id", "width", "dashboard_id"])
def test_a_widget_needs_its_keys(place: Place, missing: str):
    """500 for a missing one, even of a text box."""
    body: dict[str, Any] = {"dashboard_id": place.dashboard()["id"], "visualization_id": None, "width": 1}
    body |= {"text": "t", "options": {}}
    del body[missing]

    assert status_of(place, "post", "/api/widgets", body) == 500


def test_a_widget_changes_text_and_options_alone(place: Place):
    """Both are needed; another visualization is ignored."""
    query, board = place.query(), place.dashboard()
    chart, other = place.chart(query["id"]), place.chart(query["id"])
    widget = place.api.widgets.create(board["id"], chart["id"], "", {"position": POSITION})
    path, moved = f"/api/widgets/{widget['id']}", {"position": {**POSITION, "col": 3}}

    place.client.post(path, {"text": "x", "options": moved, "visualization_id": other["id"]})
    [read] = place.api.dashboards.get(board["id"])["widgets"]

    assert (read["text"], read["options"], read["visualization"]["id"]) == ("x", moved, chart["id"])
    assert status_of(place, "post", path, {"text": "x"}) == 500
    assert status_of(place, "post", path, {"options": {}}) == 500


def test_a_deleted_widget_is_gone(place: Place):
    """Deleting it again is no error of ours."""
    board = place.dashboard()
    widget = place.api.widgets.create(board["id"], None, "text", {"position": POSITION})

    assert place.api.widgets.delete(widget["id"], board["id"]) is True
    assert place.api.widgets.delete(widget["id"], board["id"]) is False
    assert place.api.dashboards.get(board["id"])["widgets"] == []
