"""A result cut into the series of a chart, in the order that Redash gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redash.data.database import Result, Value
from redash.specs.charts import Drawn, Measure


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one colour of bars: x and y values, and what stands beside each point where the chart has it.

    `value` is the y column or the value of the series column that it is known by; `n` are sample sizes, `error` half widths of
    intervals, `size` diameters before they are scaled.
    """

    name: str
    value: str
    measure: Measure
    x: list[Value]
    y: list[Value]
    n: list[Value] | None = None
    error: list[Value] | None = None
    size: list[Value] | None = None


def series_of(chart: Drawn, result: Result) -> list[Series]:
    """By y column, or by first appearance of a series value, those with a colour of their own first."""
    beside = {name: result.column(column) for name, column in _beside(chart) if column in result.columns}
    x = result.column(chart.x)
    if chart.series is None:
        return [
            Series(str(m.title) or m.column, m.column, m, x, _filled(chart, result.column(m.column)), **beside)
            for m in chart.y
        ]
    measure, names = chart.y[0], result.column(chart.series)
    y = _filled(chart, result.column(measure.column))
    found = []
    for name in _ordered(names, list(chart.colors)):
        at = [index for index, other in enumerate(names) if other == name]
        own = {key: [values[index] for index in at] for key, values in beside.items()}
        title = str(chart.names.get(str(name), name))
        found.append(Series(title, str(name), measure, [x[i] for i in at], [y[i] for i in at], **own))
    return found


def _beside(chart: Drawn) -> list[tuple[str, str]]:
    columns = (("n", chart.n), ("error", chart.error), ("size", chart.size))
    return [(name, column) for name, column in columns if column is not None]


def _filled(chart: Drawn, values: list[Value]) -> list[Value]:
    return [0 if value is None else value for value in values] if chart.missing == "zero" else values


def _ordered(names: Sequence[Value], first: list[str]) -> list[Value]:
    """Each name once: those with a colour of their own in that order, then the others as they come."""
    seen = dict.fromkeys(names)
    return [*(name for name in first if name in seen), *(name for name in seen if name not in first)]
