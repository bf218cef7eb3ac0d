"""Runs the query of every chart on every dashboard and tells what each would have to draw."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from redash.data.answers import Answers
from redash.data.database import Result
from redash.errors import QueryFailed
from redash.specs.charts import AnyChart, Cohort, Counter, Pivot, Table


@dataclass(frozen=True, slots=True)
class Finding:
    """One chart on one dashboard; `points` are the values that it draws.

    `empty`: there are none and there should be some; a query whose header says `may_be_empty` is never empty.
    """

    dashboard: str
    chart: str
    query: str
    type: str
    rows: int
    columns: tuple[str, ...]
    points: int
    milliseconds: float
    empty: bool
    may_be_empty: bool
    error: str | None

    def as_json(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return {**asdict(self), "columns": list(self.columns), "milliseconds": round(self.milliseconds, 1)}


def check(answers: Answers) -> list[Finding]:
    """A finding for each chart, in the order of the dashboards; raises ParameterError for values that don't fit."""
    found = []
    for board in answers.pack.dashboards.values():
        for widget in board.dashboard.widgets:
            if widget.chart is None:
                continue
            named = answers.pack.charts[widget.chart]
            try:
                result, error = answers.of_widget(board, widget), None
            except QueryFailed as failure:
                result, error = Result((), ()), str(failure)
            points = points_of(named.chart, result)
            may_be_empty = answers.pack.queries[named.query].head.may_be_empty
            empty = not points and not may_be_empty
            facts = (len(result.rows), result.columns, points, result.milliseconds, empty, may_be_empty, error)
            found.append(Finding(board.slug, named.slug, named.query, named.chart.type, *facts))
    return found


def points_of(chart: AnyChart, result: Result) -> int:
    """How many values the chart has to show: a null draws nothing."""
    if isinstance(chart, Table):
        return len(result.rows)
    if isinstance(chart, Counter):
        values = result.column(chart.column) if chart.column in result.columns else []
        return int(len(values) >= chart.row and values[chart.row - 1] is not None)
    if isinstance(chart, Pivot | Cohort):
        return sum(value is not None for value in result.column(chart.value)) if chart.value in result.columns else 0
    shown = [chart.value] if chart.value else [measure.column for measure in chart.y]
    return sum(value is not None for name in shown if name in result.columns for value in result.column(name))
