"""A chart and its result as a figure of plotly.js, drawn as Redash draws the same chart.

Colours of text, grid and background are left to the page, which knows whether it is light or dark.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from redash.data.database import Result, Value
from redash.preview.formats import axis_format
from redash.specs.charts import Axis, Drawn, Measure

Trace = dict[str, Any]
Figure = dict[str, Any]

#: Distinct also for those who don't see red or green, and readable on white and on near-black.
PALETTE = ("#2F7FB8", "#D99A2B", "#2E9B74", "#C8483F", "#8A5BA6", "#5AA9C9", "#B0793F", "#8C95A0", "#D07A9E", "#7C9A3C")
# From the page's background through a pale to a deep blue: light is few, dark is many.
SCALE = [[0.0, "#E8F1F8"], [0.25, "#B5D5EA"], [0.5, "#74AFD6"], [0.75, "#2F7FB8"], [1.0, "#123F6B"]]
_DAY_MILLISECONDS = 86_400_000
_MOST_MARKERS = 62
# Below this many calls plotly would put ticks at halves.
_FEW = 4
_LABELS = {"ratio": "%{value:.1%}", "rtf": "%{value:.3f}", "count": "%{value:,}"}
_AXIS_TYPES = {"auto": "-", "datetime": "date", "linear": "linear", "logarithmic": "log", "category": "category"}


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one colour of bars: x and y values, and the sample size of each point where it is known."""

    name: str
    value: str
    measure: Measure
    x: list[Value]
    y: list[Value]
    n: list[Value] | None


def figure(chart: Drawn, result: Result, today: str) -> Figure:
    """`data` and `layout` for Plotly.newPlot; `today` is the running day, which is marked as not over.

    Raises KeyError where the result lacks a column of the chart (`validate` proves it has them all).
    """
    missing = [column for column in chart.columns() if column not in result.columns]
    if missing:
        raise KeyError(missing[0])
    if chart.kind == "pie":
        return _pie(chart, result)
    if chart.kind == "heatmap":
        return _heatmap(chart, result)
    return _with_axes(chart, result, today)


def series_of(chart: Drawn, result: Result) -> list[Series]:
    """The series in the order that Redash gives them: by y column, or by first appearance of a series value."""
    x = result.column(chart.x)
    n = result.column(chart.n) if chart.n in result.columns else None
    if chart.series is None:
        return [Series(str(m.title) or m.column, m.column, m, x, result.column(m.column), n) for m in chart.y]
    measure, names = chart.y[0], result.column(chart.series)
    y = result.column(measure.column)
    found = []
    for name in _ordered(names, list(chart.colors)):
        at = [index for index, other in enumerate(names) if other == name]
        found.append(
            Series(
                str(chart.names.get(str(name), name)),
                str(name),
                measure,
                [x[i] for i in at],
                [y[i] for i in at],
                n and [n[i] for i in at],
            )
        )
    return found


def _ordered(names: Sequence[Value], first: list[str]) -> list[Value]:
    """Each name once: those with a colour of their own in that order, then the others as they come."""
    seen = dict.fromkeys(names)
    return [*(name for name in first if name in seen), *(name for name in seen if name not in first)]


def _with_axes(chart: Drawn, result: Result, today: str) -> Figure:
    series = series_of(chart, result)
    traces = [_trace(chart, one, _color(chart, one, index)) for index, one in enumerate(series)]
    x_axis, y_axis = _axis(chart.x_axis), _axis(chart.y_axis) | {"rangemode": "tozero"}
    y_axis |= _y_range(chart, series)
    days = sorted({str(value) for one in series for value in one.x if value is not None})
    layout: dict[str, Any] = {"barmode": "group" if chart.stack == "none" else "relative", "bargap": 0.25}
    if chart.stack == "percent":
        layout["barnorm"] = "fraction"
    if chart.x_axis.type == "datetime" and days and all(len(day) == len("2026-11-22") for day in days):
        x_axis |= _day_ticks(days)
        layout |= _running_day(days, today)
        _widen_bars(traces, chart)
    elif chart.x_axis.type == "category":
        x_axis |= {"categoryorder": "array", "categoryarray": _categories(chart.x_axis, result.column(chart.x))}
    if chart.kind == "bar":
        x_axis, y_axis = y_axis, x_axis | {"autorange": "reversed", "automargin": True}
    layout |= {"xaxis": x_axis, "yaxis": y_axis, "showlegend": len(traces) > 1}
    if any(measure.axis == "right" for measure in chart.y):
        layout["yaxis2"] = _axis(chart.right_axis) | {"overlaying": "y", "side": "right", "rangemode": "tozero"}
    return {"data": traces, "layout": layout}


def _trace(chart: Drawn, series: Series, color: str) -> Trace:
    kind = series.measure.kind or chart.kind
    trace: Trace = {"name": series.name, "x": series.x, "y": series.y}
    if series.n is not None:
        trace |= {"customdata": series.n, "hovertemplate": "%{y}  (n = %{customdata:,})"}
    if series.measure.axis == "right":
        trace["yaxis"] = "y2"
    if chart.labels:
        trace |= {
            "texttemplate": _LABELS.get(chart.y_axis.unit, "%{value:,.3~r}"),
            "textposition": "outside",
            "cliponaxis": False,
        }
    return trace | _SHAPES[kind](chart, series, color)


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
        bar["hovertemplate"] = "%{x}  (n = %{customdata:,})"
    return bar


_SHAPES: dict[str, Callable[[Drawn, Series, str], Trace]] = {
    "line": _line,
    "area": _area,
    "column": _column,
    "bar": _bar,
}


def _color(chart: Drawn, series: Series, index: int) -> str:
    own = chart.colors.get(series.value) if chart.series else series.measure.color
    return own or PALETTE[index % len(PALETTE)]


def _axis(axis: Axis) -> dict[str, Any]:
    return {
        "type": _AXIS_TYPES[axis.type],
        "automargin": True,
        **({"title": {"text": str(axis.title), "standoff": 8}} if axis.title else {}),
        **axis_format(axis.unit),
    }


def _y_range(chart: Drawn, series: list[Series]) -> dict[str, Any]:
    """A fixed range with a little air above, so that a line at 100 % is not cut in half, nor a label on a bar."""
    low, high = chart.y_axis.min, chart.y_axis.max
    most = max((float(value) for one in series for value in one.y if isinstance(value, int | float)), default=None)
    whole = {"dtick": 1} if chart.y_axis.unit == "count" and most is not None and most <= _FEW else {}
    if chart.labels and high is None and chart.stack == "none":
        high = most
    if low is None or high is None:
        return whole
    return {**whole, "range": [low, high + (high - low) * (0.15 if chart.labels else 0.03)]}


def _day_ticks(days: list[str]) -> dict[str, Any]:
    """Whole days: every day while there are few, else as many as fit; half a day of air at both ends, more beside a single day."""
    ticks: dict[str, Any] = {"tickvals": days} if len(days) <= 5 else {"nticks": 9}
    air = 1 if len(days) == 1 else 0
    return {
        "tickformat": "%-d %b",
        "hoverformat": "%a %-d %b %Y",
        "range": [_noon(days[0], -1 - air), _noon(days[-1], air)],
        **ticks,
    }


def _noon(day: str, days: int) -> str:
    return f"{date.fromisoformat(day) + timedelta(days=days)}T12:00:00"


def _widen_bars(traces: list[Trace], chart: Drawn) -> None:
    """Without a width plotly draws a single day as a bar of a millisecond."""
    beside = 1 if chart.stack != "none" else len(traces)
    for trace in traces:
        if trace["type"] == "bar":
            trace["width"] = 0.75 * _DAY_MILLISECONDS / beside


def _running_day(days: list[str], today: str) -> dict[str, Any]:
    if days[-1] != today:
        return {}
    band = {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": _noon(today, -1),
        "x1": _noon(today, 0),
        "y0": 0,
        "y1": 1,
    }
    note = {"text": "today, so far", "xref": "x", "yref": "paper", "x": _noon(today, 0), "y": 1, "xanchor": "right"}
    return {
        "shapes": [band | {"layer": "below", "line": {"width": 0}, "fillcolor": "rgba(128,140,155,0.16)"}],
        "annotations": [note | {"yanchor": "bottom", "showarrow": False, "font": {"size": 11}}],
    }


def _categories(axis: Axis, values: list[Value]) -> list[str]:
    seen = list(dict.fromkeys(str(value) for value in values))
    return sorted(seen) if axis.sort else seen


def _pie(chart: Drawn, result: Result) -> Figure:
    labels = [str(value) for value in result.column(chart.x)]
    colors = [chart.colors.get(label, PALETTE[index % len(PALETTE)]) for index, label in enumerate(labels)]
    pie = {
        "type": "pie",
        "labels": labels,
        "values": result.column(chart.y[0].column),
        "marker": {"colors": colors, "line": {"width": 1}},
        "textinfo": "percent",
        "textposition": "inside",
        "insidetextorientation": "horizontal",
        "texttemplate": "%{percent:.0%}",
        "hovertemplate": "%{label}: %{value:,} (%{percent})<extra></extra>",
        "sort": True,
        "direction": "clockwise",
        "hole": 0.45,
    }
    return {"data": [pie], "layout": {"uniformtext": {"minsize": 10, "mode": "hide"}, "showlegend": True}}


def _heatmap(chart: Drawn, result: Result) -> Figure:
    rows, value = chart.y[0].column, chart.value or ""
    x, y = (sorted({str(item) for item in result.column(name)}) for name in (chart.x, rows))
    cells = {
        (str(across), str(down)): cell
        for across, down, cell in zip(result.column(chart.x), result.column(rows), result.column(value), strict=True)
    }
    heatmap = {
        "type": "heatmap",
        "x": x,
        "y": y,
        "z": [[cells.get((across, down)) for across in x] for down in y],
        "xgap": 2,
        "ygap": 2,
        "zmin": 0,
        "zmax": max((cell for cell in cells.values() if isinstance(cell, int | float)), default=0) or 1,
        "colorscale": SCALE,
        "colorbar": {"thickness": 10, "outlinewidth": 0, "tickformat": "~r"},
        "hovertemplate": "%{y}, %{x} h: %{z:,.2~f}<extra></extra>",
    }
    axes = {
        "xaxis": _axis(chart.x_axis) | {"showgrid": False},
        "yaxis": _axis(chart.y_axis) | {"showgrid": False, "autorange": "reversed"},
    }
    return {"data": [heatmap], "layout": {**axes, "showlegend": False}}
