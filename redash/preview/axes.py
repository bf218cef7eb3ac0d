"""The axes of a figure: their range, their ticks, and the running day, which is marked as not over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from redash.data.database import Value
from redash.preview.formats import axis_format
from redash.preview.series import Series
from redash.specs.charts import Axis, Drawn

# Below this many calls plotly would put ticks at halves.
_FEW = 4
_AXIS_TYPES = {"auto": "-", "datetime": "date", "linear": "linear", "logarithmic": "log", "category": "category"}


def axis_of(axis: Axis) -> dict[str, Any]:
    return {
        "type": _AXIS_TYPES[axis.type],
        "automargin": True,
        **({"title": {"text": str(axis.title), "standoff": 8}} if axis.title else {}),
        # A unit's format would be written out in place of a date.
        **({} if axis.type == "datetime" else axis_format(axis.unit)),
    }


def y_range(chart: Drawn, series: list[Series]) -> dict[str, Any]:
    """What the file fixes of it; both ends get a little air above, so that a line at 100 % is not cut in half, nor a label on a bar."""
    low, high = chart.y_axis.min, chart.y_axis.max
    most = max((float(value) for one in series for value in one.y if isinstance(value, int | float)), default=None)
    whole = {"dtick": 1} if chart.y_axis.unit == "count" and most is not None and most <= _FEW else {}
    if chart.labels and high is None and chart.stack == "none":
        high = most
    if low is None and high is None:
        return whole
    if low is None or high is None:
        # The other end is plotly's to find, as it is Redash's.
        return {**whole, "autorangeoptions": {"maxallowed": high} if low is None else {"minallowed": low}}
    return {**whole, "range": [low, high + (high - low) * (0.15 if chart.labels else 0.03)]}


def day_ticks(days: list[str]) -> dict[str, Any]:
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


def running_day(days: list[str], today: str, note: str) -> dict[str, Any]:
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
    words = {"text": note, "xref": "x", "yref": "paper", "x": _noon(today, 0), "y": 1, "xanchor": "right"}
    return {
        "shapes": [band | {"layer": "below", "line": {"width": 0}, "fillcolor": "rgba(128,140,155,0.16)"}],
        "annotations": [words | {"yanchor": "bottom", "showarrow": False, "font": {"size": 11}}],
    }


def categories(axis: Axis, values: list[Value]) -> list[str]:
    seen = list(dict.fromkeys(str(value) for value in values))
    return sorted(seen) if axis.sort else seen
