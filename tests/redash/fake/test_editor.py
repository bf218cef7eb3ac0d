"""What Redash's pages write without being asked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.redash.fake.editor import Editor
from tests.redash.fake.state import State

DRAWN = {
    "globalSeriesType": "line",
    "columnMapping": {"day": "x", "n": "y"},
    "yAxis": [{"type": "linear", "rangeMin": 0}],
}


def charted(options: dict[str, Any], type_: str = "CHART") -> tuple[State, int]:
    """A visualization of a query with one result of one column."""
    state = State()
    data = {"columns": [{"name": "n", "friendly_name": "n", "type": "integer"}], "rows": [{"n": 1}]}
    result = state.add(state.results, data=data)
    query = state.add(state.queries, latest_query_data_id=result["id"])
    return state, state.add(state.visualizations, query_id=query["id"], type=type_, options=options)["id"]


def is_within(part: Any, whole: Any) -> bool:
    """Whether all that `part` says is so in `whole`."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and is_within(part[key], whole[key]) for key in part)
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) <= len(whole) and all(map(is_within, part, whole))
    return bool(part == whole)


@pytest.mark.parametrize(
    ("type_", "options", "keys"),
    [
        ("CHART", {**DRAWN, "x_voxmeter": {"key": "chart/a"}}, 27),
        ("COUNTER", {"counterColName": "n", "x_voxmeter": 1}, 9),
        ("TABLE", {"x_voxmeter": 1}, 3),
    ],
)
def test_a_save_adds_the_defaults_and_keeps_what_is_there(type_: str, options: dict[str, Any], keys: int):
    """Unknown keys stay."""
    state, key = charted(options, type_)

    saved = Editor(state).open_and_save_chart(key)

    assert is_within(options, saved)
    assert (len(saved), state.visualizations[key]["options"]) == (keys, saved)


def test_a_second_save_adds_nothing():
    """The document is whole."""
    state, key = charted(DRAWN)
    first = Editor(state).open_and_save_chart(key)

    assert Editor(state).open_and_save_chart(key) == first


def test_a_pivot_drops_what_it_does_not_know():
    """A marker does not live there."""
    state, key = charted({"rows": ["n"], "x_voxmeter": 1}, "PIVOT")

    assert "x_voxmeter" not in Editor(state).open_and_save_chart(key)


def test_a_table_writes_the_format_of_each_column():
    """Of the result that is there."""
    state, key = charted({"columns": [{"name": "n", "title": "Number"}]}, "TABLE")

    [column] = Editor(state).open_and_save_chart(key)["columns"]

    assert (column["name"], column["title"], column["displayAs"]) == ("n", "Number", "string")


def test_the_edit_mode_writes_every_widget_anew():
    """It packs rows, drops unknown keys of positions, and adds mappings and the dashboard's parameters."""
    state = State()
    parameter = {"name": "p", "title": "P", "type": "enum", "value": "a"}
    query = state.add(state.queries, name="q", options={"parameters": [parameter, {**parameter, "name": "fixed"}]})
    chart = state.add(state.visualizations, query_id=query["id"])
    board = state.add(state.dashboards, name="b", options={"x_voxmeter": 1}, version=1)
    inputs = {"p": {"type": "dashboard-level", "mapTo": "p"}, "fixed": {"type": "static-value", "mapTo": "fixed"}}
    places = [{"col": 0, "row": 5, "sizeX": 6, "sizeY": 8, "x_own": 1}, {"col": 6, "row": 9, "sizeX": 6, "sizeY": 8}]
    widgets = [
        state.add(
            state.widgets,
            dashboard_id=board["id"],
            visualization_id=chart["id"],
            options={"position": place, "x_mark": 2, **mappings},
        )
        for place, mappings in zip(places, ({"parameterMappings": inputs}, {}), strict=True)
    ]

    Editor(state).edit_widget(widgets[1]["id"], col=3)

    limits = {
        "minSizeX": 2,
        "maxSizeX": 12,
        "minSizeY": 5,
        "maxSizeY": 1000,
        "autoHeight": False,
        "sizeX": 6,
        "sizeY": 8,
    }
    assert [one["options"] for one in widgets] == [
        {"position": {"col": 0, "row": 0, **limits}, "x_mark": 2, "parameterMappings": inputs},
        {"position": {"col": 3, "row": 8, **limits}, "x_mark": 2, "parameterMappings": {}},
    ]
    assert (board["options"], board["version"]) == (
        {"x_voxmeter": 1, "parameters": [{**parameter, "global": False}]},
        2,
    )


def test_an_alerts_form_writes_the_threshold_as_a_text():
    """Unknown keys stay."""
    state = State()
    alert = state.add(state.alerts, options={"column": "n", "op": "<", "value": 95, "x_voxmeter": 1})

    Editor(state).edit_alert(alert["id"], op=">")

    assert alert["options"] == {"column": "n", "op": ">", "value": "95", "x_voxmeter": 1}


def test_a_query_page_adds_what_it_knows_of_parameters():
    """Noise, beside what is there."""
    state = State()
    query = state.add(
        state.queries, name="q", query="select 1", options={"parameters": [{"name": "p"}], "x_voxmeter": 1}
    )
    editor = Editor(state)

    editor.open_and_save_query(query["id"])
    editor.edit_sql(query["id"], "select 2")
    editor.rename_query(query["id"], "r")

    noise = {"name": "p", "locals": [], "global": False, "parentQueryId": query["id"]}
    assert query["options"] == {"parameters": [noise], "x_voxmeter": 1}
    assert (query["name"], query["query"]) == ("r", "select 2")
