"""A series as a trace of plotly.js, drawn as Redash draws the same kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redash.data.database import Result
from redash.preview.palette import PALETTE
from redash.preview.series import Series
from redash.specs.charts import Drawn, Marks

Trace = dict[str, Any]

_MOST_MARKERS = 62
_LABELS = {"ratio": "%{value:.1%}", "rtf": "%{value:.3f}", "count": "%{value:,}"}
_HOVER = "  (n = %{customdata:,})"


def trace_of(chart: Drawn, series: Series, index: int) -> Trace:
    """The trace of the chart's series of this number."""
    color = _color(chart, series, index)
    kind = series.measure.kind or chart.kind
    trace: Trace = {"name": series.name, "x": series.x, "y": series.y}
    if series.n is not None:
        trace |= {"customdata": series.n, "hovertemplate": f"%{{y}}{_HOVER}"}
    if series.error is not None:
        trace["error_y"] = {"type": "data", "array": series.error, "color": color, "thickness": 1.5, "width": 4}
    if series.measure.axis == "right":
        trace["yaxis"] = "y2"
    if series.measure.kind == "scatter" and all(value is None for value in series.y):
        trace["showlegend"] = False  # what did not happen needs no word
    if chart.labels:
        trace |= {
            "texttemplate": _LABELS.get(chart.y_axis.unit, "%{value:,.3~r}"),
            "textposition": "outside",
            "cliponaxis": False,
        }
    return trace | _SHAPES[kind](chart, series, color)


def marks_of(marks: Marks, chart: Drawn, result: Result) -> Trace:
    """Diamonds at the top of a right axis from 0 to 1, with their words on hover."""
    rows = zip(result.column(chart.x), result.column(marks.column), result.column(marks.label), strict=True)
    marked = [(x, label) for x, mark, label in rows if mark is not None]
    return {
        "name": str(marks.title) or marks.column,
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in marked],
        "y": [1 for _ in marked],
        "text": [str(label) for _, label in marked],
        "hovertemplate": "%{text}",
        "marker": {"color": marks.color, "size": 10, "symbol": "diamond"},
        "yaxis": "y2",
        "cliponaxis": False,
    }


def _line(_chart: Drawn, series: Series, color: str) -> Trace:
    mode = "lines+markers" if len(series.x) <= _MOST_MARKERS else "lines"
    return {
        "type": "scatter",
        "mode": mode,
        "line": {"color": color, "width": 2},
        "marker": {"color": color, "size": 5},
    }


def _area(chart: Drawn, series: Series, color: str) -> Trace:
    stacked = {"stackgroup": "one", "groupnorm": "fraction" if chart.stack == "percent" else ""}
    return _line(chart, series, color) | (stacked if chart.stack != "none" else {"fill": "tozeroy"}) | {"mode": "lines"}


def _column(_chart: Drawn, _series: Series, color: str) -> Trace:
    return {"type": "bar", "marker": {"color": color}}


def _bar(_chart: Drawn, series: Series, color: str) -> Trace:
    bar: Trace = {"type": "bar", "orientation": "h", "x": series.y, "y": series.x, "marker": {"color": color}}
    if series.n is not None:
        bar["hovertemplate"] = f"%{{x}}{_HOVER}"
    return bar


def _scatter(_chart: Drawn, _series: Series, color: str) -> Trace:
    return {"type": "scatter", "mode": "markers", "marker": {"color": color, "size": 6}}


def _bubble(chart: Drawn, series: Series, color: str) -> Trace:
    sizes = [float(size) * chart.size_factor if isinstance(size, int | float) else 0 for size in series.size or []]
    return {"type": "scatter", "mode": "markers", "marker": {"color": color, "size": sizes, "sizemode": "diameter"}}


def _box(_chart: Drawn, _series: Series, color: str) -> Trace:
    return {"type": "box", "boxpoints": "outliers", "marker": {"color": color, "size": 3}}


_SHAPES: dict[str, Callable[[Drawn, Series, str], Trace]] = {
    "line": _line,
    "area": _area,
    "column": _column,
    "bar": _bar,
    "scatter": _scatter,
    "bubble": _bubble,
    "box": _box,
}


def _color(chart: Drawn, series: Series, index: int) -> str:
    own = chart.colors.get(series.value) if chart.series else series.measure.color
    return own or PALETTE[index % len(PALETTE)]
