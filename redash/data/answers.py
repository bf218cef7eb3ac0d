"""Asks the queries of a pack on an open database: parameters resolved, values accepted, each SQL run once.

Charts that share a query and its values share the result, as they do in Redash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from redash.data.database import Reading, Result
from redash.errors import ParameterError, QueryFailed, WrongUse
from redash.specs.models import Widget
from redash.specs.parameters import (
    Given,
    Parameter,
    QueryParameter,
    Range,
    accepted,
    default_of,
    merged,
    placeholders_of,
    render,
)
from redash.specs.spec import NamedDashboard, Pack, Query

#: The rows of a dropdown, as (name, value).
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answers:
    """Results of a pack's queries at one moment; `now` is a local time of the report time zone."""

    reading: Reading
    pack: Pack
    given: Mapping[str, str]
    now: datetime
    _results: dict[str, Result | QueryFailed] = field(default_factory=dict)

    def of_query(self, query: Query, fixed: Mapping[str, Given], defaults: Mapping[str, Given]) -> Result:
        """The result of a query: `fixed` values go over the given ones, these over `defaults` and the query's own.

        Raises ParameterError, QueryFailed.
        """
        values: dict[str, str] = {}
        for name, parameter in query.head.parameters.items():
            default = fixed.get(name, defaults.get(name, default_of(parameter)))
            values |= self.accepted(name, parameter, default, {} if name in fixed else self.given)
        return self._run(render(query.sql[self.reading.dialect].text, values))

    def of_widget(self, board: NamedDashboard, widget: Widget) -> Result:
        """The result that a chart's widget shows."""
        chart = self.pack.charts[widget.chart or ""]
        fixed = {name: as_given(value) for name, value in widget.values.items()}
        return self.of_query(self.pack.queries[chart.query], fixed, board_defaults(board))

    def accepted(self, name: str, parameter: Parameter, default: Given, given: Mapping[str, str]) -> dict[str, str]:
        """The texts of a parameter's placeholders; raises ParameterError."""
        choices: Choices = self.choices(parameter) if isinstance(parameter, QueryParameter) else []
        return accepted(name, parameter, merged(name, default, given, self.now), [value for _, value in choices])

    def choices(self, parameter: QueryParameter) -> Choices:
        """What a dropdown offers: the columns `name` and `value` of its query, else its first column."""
        query = self.pack.queries.get(parameter.query)
        if query is None:
            raise WrongUse(f"there is no query {parameter.query!r} for a dropdown", "`tts-redash validate` says where")
        result = self._run(query.sql[self.reading.dialect].text)
        value = "value" if "value" in result.columns else result.columns[0]
        name = "name" if "name" in result.columns else value
        return [(str(n), str(v)) for n, v in zip(result.column(name), result.column(value), strict=True)]

    def _run(self, sql: str) -> Result:
        known = self._results.get(sql)
        if known is None:
            try:
                known = self.reading.run(sql)
            except QueryFailed as error:
                known = error
            self._results[sql] = known
        if isinstance(known, QueryFailed):
            raise known
        return known


def answers(reading: Reading, pack: Pack, given: Mapping[str, str], utc_now: datetime) -> Answers:
    """Answers at a moment, which ranges like `d_last_7_days` are counted from in the report time zone."""
    local = utc_now.astimezone(ZoneInfo(reading.report_timezone())).replace(tzinfo=None)
    return Answers(reading, pack, given, local)


def board_defaults(board: NamedDashboard) -> dict[str, Given]:
    """The values that a dashboard starts with."""
    return {name: as_given(shared.default) for name, shared in board.dashboard.parameters.items()}


def as_given(value: str | int | float | Range) -> Given:
    """A value in a file as a user would give it."""
    return {"start": value.start, "end": value.end} if isinstance(value, Range) else str(value)


def refuse_unknown(given: Iterable[str], queries: Iterable[Query]) -> None:
    """Raises ParameterError for a `--param` that none of the queries has."""
    known = {
        place
        for query in queries
        for name, parameter in query.head.parameters.items()
        for place in (name, *placeholders_of(name, parameter))
    }
    unknown = sorted(set(given) - known)
    if unknown:
        raise ParameterError(f"there is no parameter {unknown[0]!r}", f"known: {', '.join(sorted(known)) or 'none'}")
