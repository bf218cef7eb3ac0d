"""Charts as figures of plotly.js."""

from __future__ import annotations

from typing import Any

import pytest

from redash.data.database import Result
from redash.preview.figures import figure
from redash.preview.series import series_of
from redash.specs.charts import Drawn

DAYS = Result(
    ("day", "status", "calls", "n"),
    (("2026-11-20", "ok", 5, 9), ("2026-11-21", "error", 1, 9), ("2026-11-21", "ok", 7, 9)),
)
BASE: dict[str, Any] = {"type": "chart", "kind": "column", "title": "T", "x": "day", "y": [{"column": "calls"}]}


def chart(**changes: Any) -> Drawn:
    return Drawn.model_validate({**BASE, **changes})


def test_a_series_column_makes_one_series_a_value():
    """In the order of the colours, then as they come."""
    found = series_of(chart(series="status", colors={"ok": "#112233"}), DAYS)

    assert [(one.name, one.x, one.y) for one in found] == [
        ("ok", ["2026-11-20", "2026-11-21"], [5, 7]),
        ("error", ["2026-11-21"], [1]),
    ]


def test_columns_are_stacked_or_side_by_side():
    """As the file says; colours of a file go before the palette."""
    stacked = figure(chart(series="status", stack="values", colors={"ok": "#112233"}), DAYS, "2026-11-30")
    beside = figure(chart(series="status"), DAYS, "2026-11-30")

    assert (stacked["layout"]["barmode"], beside["layout"]["barmode"]) == ("relative", "group")
    assert stacked["data"][0]["marker"]["color"] == "#112233"
    assert stacked["layout"]["yaxis"]["rangemode"] == "tozero"


def test_an_axis_keeps_the_bounds_of_the_file_and_finds_the_others():
    """Columns begin at zero; a line begins where its values do, as in Redash."""
    both, one, none = (
        figure(chart(kind="line", y_axis=bounds), DAYS, "")["layout"]["yaxis"]
        for bounds in ({"min": 0, "max": 10}, {"max": 10}, {})
    )

    assert both["range"] == [0, pytest.approx(10.3)]
    assert one["autorangeoptions"] == {"maxallowed": 10}
    assert [key for key in ("range", "rangemode", "autorangeoptions") if key in none] == []


def test_what_did_not_happen_has_no_place_in_the_legend():
    """Points that are drawn only where there is something to tell."""
    told = {"y": [{"column": "calls"}, {"column": "hole", "kind": "scatter"}]}
    never, once = (
        figure(chart(**told), Result(("day", "calls", "hole"), (("2026-11-20", 5, hole),)), "")["data"][1]
        for hole in (None, 0)
    )

    assert (never.get("showlegend"), once.get("showlegend")) == (False, None)


def test_the_running_day_is_marked_and_no_other():
    """A half day looks like a bad day."""
    axis = {"x_axis": {"type": "datetime"}}
    running = figure(chart(**axis), DAYS, "2026-11-21")["layout"]
    over = figure(chart(**axis), DAYS, "2026-11-22")["layout"]

    assert running["shapes"][0]["x0"] == "2026-11-20T12:00:00"
    assert [note["text"] for note in running["annotations"]] == ["today, so far"]
    assert "shapes" not in over


def test_a_single_day_has_a_bar_that_can_be_seen():
    """Three quarters of a day wide, with a day of air at both sides."""
    one = figure(chart(x_axis={"type": "datetime"}), Result(("day", "calls"), (("2026-11-20", 5),)), "")

    assert one["data"][0]["width"] == 0.75 * 86_400_000
    assert one["layout"]["xaxis"]["range"] == ["2026-11-18T12:00:00", "2026-11-21T12:00:00"]


def test_horizontal_bars_keep_the_order_of_the_rows():
    """The first row on top, names on the y axis, values along x."""
    bars = figure(chart(kind="bar", x="status", x_axis={"type": "category", "sort": False}), DAYS, "")

    assert (bars["data"][0]["orientation"], bars["data"][0]["x"], bars["data"][0]["y"]) == (
        "h",
        [5, 1, 7],
        ["ok", "error", "ok"],
    )
    assert bars["layout"]["yaxis"]["autorange"] == "reversed"
    assert bars["layout"]["yaxis"]["categoryarray"] == ["ok", "error"]


def test_lines_carry_their_sample_size():
    """The n of each point is told on hover."""
    line = figure(chart(kind="line", n="n"), DAYS, "")["data"][0]

    assert (line["type"], line["customdata"]) == ("scatter", [9, 9, 9])
    assert "n = " in line["hovertemplate"]


def test_a_pie_has_a_slice_a_row():
    """Labels and values as they come."""
    pie = figure(chart(kind="pie", x="status"), DAYS, "")["data"][0]

    assert (pie["type"], pie["labels"], pie["values"]) == ("pie", ["ok", "error", "ok"], [5, 1, 7])


def test_a_heat_map_leaves_unseen_cells_open():
    """Sorted texts on both axes, Monday on top, null where there is no row."""
    category = {"type": "category"}
    cells = Result(("hour", "weekday", "mean"), (("10", "2 Tue", 4.0), ("09", "1 Mon", 2.0)))
    heat = figure(
        chart(kind="heatmap", x="hour", y=[{"column": "weekday"}], value="mean", x_axis=category, y_axis=category),
        cells,
        "",
    )

    assert heat["data"][0]["z"] == [[2.0, None], [None, 4.0]]
    assert (heat["data"][0]["x"], heat["data"][0]["y"]) == (["09", "10"], ["1 Mon", "2 Tue"])
    assert heat["layout"]["yaxis"]["autorange"] == "reversed"


def test_a_second_axis_stands_at_the_right():
    """Calls and seconds don't share a scale."""
    both = chart(kind="line", y=[{"column": "calls"}, {"column": "n", "axis": "right", "kind": "column"}])
    drawn = figure(both, DAYS, "")

    assert [(trace["type"], trace.get("yaxis")) for trace in drawn["data"]] == [("scatter", None), ("bar", "y2")]
    assert drawn["layout"]["yaxis2"]["side"] == "right"


def test_an_area_may_fill_up_to_the_whole():
    """Shares of a stack add up to one."""
    area = figure(chart(kind="area", series="status", stack="percent"), DAYS, "")

    assert {trace["groupnorm"] for trace in area["data"]} == {"fraction"}


def test_a_result_without_the_column_is_told():
    """The page makes a card of it."""
    with pytest.raises(KeyError, match="day"):
        figure(chart(), Result(("calls",), ((1,),)), "")


def test_hours_are_dates_and_one_series_has_a_name():
    """A format of numbers would stand where the dates do; what a series column says is shown, also of one series."""
    chart = Drawn.model_validate(
        {
            "type": "chart",
            "kind": "line",
            "title": "T",
            "x": "at",
            "y": [{"column": "value"}],
            "series": "series",
            "x_axis": {"type": "datetime"},
        }
    )
    result = Result(
        ("at", "series", "value"), (("2026-11-20T10:00:00", "only one", 1), ("2026-11-20T11:00:00", "only one", 2))
    )
    layout = figure(chart, result, "2026-11-22")["layout"]

    assert layout["xaxis"] == {"type": "date", "automargin": True}
    assert layout["showlegend"] is True
