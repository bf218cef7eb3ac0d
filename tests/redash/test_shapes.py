"""The kinds of series beyond lines and bars, and what stands beside their points."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from redash.data.database import Result
from redash.preview.figures import figure
from redash.specs.charts import Drawn

POINTS = Result(
    ("tokens", "seconds", "half", "size", "vocoder", "mark", "label"),
    ((10, 1.0, 0.1, 2, "a", None, None), (20, None, 0.2, 3, "b", 1, "1.4.0")),
)
BASE: dict[str, Any] = {
    "type": "chart",
    "kind": "line",
    "title": "T",
    "x": "tokens",
    "y": [{"column": "seconds"}],
    "x_axis": {"type": "linear"},
}


def drawn(**changes: Any) -> dict[str, Any]:
    return figure(Drawn.model_validate({**BASE, **changes}), POINTS, "2026-11-30")


def test_points_are_markers_without_a_line():
    """Also beside a curve."""
    curve = [{"column": "seconds"}, {"column": "half", "kind": "line"}]
    shapes = drawn(kind="scatter", y=curve)["data"]

    assert [shape["mode"] for shape in shapes] == ["markers", "lines+markers"]


def test_bubbles_are_as_wide_as_their_size_says():
    """In pixels of diameter, as Redash's coefficient does it."""
    marker = drawn(kind="bubble", size="size", size_factor=4)["data"][0]["marker"]

    assert (marker["size"], marker["sizemode"]) == ([8.0, 12.0], "diameter")


def test_boxes_are_made_of_rows():
    """A group for each series."""
    made = drawn(kind="box", series="vocoder")

    assert [(box["type"], box["name"]) for box in made["data"]] == [("box", "a"), ("box", "b")]
    assert made["layout"]["boxmode"] == "group"


def test_an_interval_is_drawn_around_its_points():
    """Half its width to each side, cut by series like the points themselves."""
    assert drawn(error="half")["data"][0]["error_y"]["array"] == [0.1, 0.2]
    assert [line["error_y"]["array"] for line in drawn(error="half", series="vocoder")["data"]] == [[0.1], [0.2]]


def test_marks_are_diamonds_at_the_top():
    """Only where there is one, with its words; their axis is not seen."""
    made = drawn(marks={"column": "mark", "label": "label", "title": "releases"})
    marks = made["data"][-1]

    assert (marks["name"], marks["x"], marks["y"], marks["text"]) == ("releases", [20], [1], ["1.4.0"])
    assert made["layout"]["yaxis2"]["visible"] is False


def test_a_missing_value_is_a_gap_unless_it_means_nothing_happened():
    """A percentile of few is unknown, a count of none is 0."""
    assert drawn()["data"][0]["y"] == [1.0, None]
    assert drawn(missing="zero")["data"][0]["y"] == [1.0, 0]


def test_a_series_is_called_by_its_name_in_the_file():
    """And is known by its value to the colours."""
    named = drawn(series="vocoder", names={"a": "A!"}, colors={"a": "#112233"})["data"]

    assert next((line["name"], line["line"]["color"]) for line in named) == ("A!", "#112233")


def test_a_legend_can_be_left_out():
    """As can one of a single line."""
    assert [drawn(series="vocoder", legend=legend)["layout"]["showlegend"] for legend in ("below", "hidden")] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"size": "size"}, "has a `size`"),
        ({"kind": "bubble"}, "has a `size`"),
        ({"kind": "box", "y": [{"column": "a"}, {"column": "b"}]}, "one y column"),
        ({"error": "half", "y": [{"column": "a"}, {"column": "b"}]}, "one y column"),
        ({"error": "half", "kind": "bar"}, "an error column"),
        ({"kind": "bar", "y": [{"column": "a", "axis": "right"}]}, "no right axis"),
        ({"marks": {"column": "a", "label": "b"}, "y": [{"column": "a", "axis": "right"}]}, "must be free"),
        ({"marks": {"column": "a", "label": "b"}, "kind": "bar"}, "marks are drawn"),
    ],
)
def test_what_redash_can_not_draw_is_refused(changes: dict[str, Any], complaint: str):
    """In words."""
    with pytest.raises(ValidationError, match=complaint):
        Drawn.model_validate({**BASE, **changes})
