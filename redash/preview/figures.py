"""A chart and its result as a figure of plotly.js, drawn as Redash draws the same chart."""

from __future__ import annotations

from typing import Any

from redash.data.database import Result
from redash.preview.axes import axis_of, categories, day_ticks, running_day, y_range
from redash.preview.pies_and_maps import Figure, heatmap, pie
from redash.preview.series import series_of
from redash.preview.shapes import Trace, marks_of, trace_of
from redash.specs.charts import Drawn

_DAY_MILLISECONDS = 86_400_000
_FROM_ZERO = ("area", "column", "bar")


def figure(chart: Drawn, result: Result, today: str, today_note: str = "today, so far") -> Figure:
    """`data` and `layout` for Plotly.newPlot; `today` is the running day, which is marked as not over.

    Raises KeyError where the result lacks a column of the chart (`validate` proves it has them all).
    """
    missing = [column for column in chart.columns() if column not in result.columns]
    if missing:
        raise KeyError(missing[0])
    if chart.kind == "pie":
        return pie(chart, result)
    if chart.kind == "heatmap":
        return heatmap(chart, result)
    return _with_axes(chart, result, today, today_note)


def _with_axes(chart: Drawn, result: Result, today: str, today_note: str) -> Figure:
    series = series_of(chart, result)
    traces = [trace_of(chart, one, index) for index, one in enumerate(series)]
    x_axis, y_axis = axis_of(chart.x_axis), axis_of(chart.y_axis)
    if chart.kind in _FROM_ZERO:
        y_axis["rangemode"] = "tozero"
    y_axis |= y_range(chart, series)
    days = sorted({str(value) for one in series for value in one.x if value is not None})
    layout: dict[str, Any] = {"barmode": "group" if chart.stack == "none" else "relative", "bargap": 0.25}
    if chart.stack == "percent":
        layout["barnorm"] = "fraction"
    if chart.kind == "box":
        layout["boxmode"] = "group"
    if chart.x_axis.type == "datetime" and days and all(len(day) == len("2026-11-22") for day in days):
        x_axis |= day_ticks(days)
        layout |= running_day(days, today, today_note)
        _widen_bars(traces, chart)
    elif chart.x_axis.type == "category":
        x_axis |= {"categoryorder": "array", "categoryarray": categories(chart.x_axis, result.column(chart.x))}
    if chart.kind == "bar":
        x_axis, y_axis = y_axis, x_axis | {"autorange": "reversed", "automargin": True}
    layout |= {"xaxis": x_axis, "yaxis": y_axis} | _right_axis(chart)
    if chart.marks:
        traces.append(marks_of(chart.marks, chart, result))
    layout["showlegend"] = (len(traces) > 1 or chart.series is not None) and chart.legend != "hidden"
    return {"data": traces, "layout": layout}


def _right_axis(chart: Drawn) -> dict[str, Any]:
    over = {"overlaying": "y", "side": "right"}
    if chart.marks:
        return {"yaxis2": over | {"range": [0, 1.04], "visible": False, "fixedrange": True}}
    if any(measure.axis == "right" for measure in chart.y):
        bounds = (chart.right_axis.min, chart.right_axis.max)
        fixed = {"range": list(bounds)} if None not in bounds else {"rangemode": "tozero"}
        return {"yaxis2": axis_of(chart.right_axis) | over | fixed}
    return {}


def _widen_bars(traces: list[Trace], chart: Drawn) -> None:
    """Without a width plotly draws a single day as a bar of a millisecond."""
    beside = 1 if chart.stack != "none" else len(traces)
    for trace in traces:
        if trace["type"] == "bar":
            trace["width"] = 0.75 * _DAY_MILLISECONDS / beside
