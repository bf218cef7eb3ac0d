"""What must hold between charts, dashboards and queries: references, columns, parameters, the grid."""

from __future__ import annotations

from itertools import combinations

from redash.lint.sqlrules import Outputs, dynamic_fault
from redash.specs.charts import Counter, Drawn, Table
from redash.specs.models import GRID_COLUMNS, Position
from redash.specs.parameters import EnumParameter, NumberParameter, Parameter, Range, RangeParameter
from redash.specs.problems import Problem
from redash.specs.spec import DIALECTS, NamedChart, NamedDashboard, Pack

# Redash's grid: a chart is at least 5 rows high, anything else at least 2 columns wide.
_CHART_ROWS, _OTHER_COLUMNS = 5, 2


def chart_problems(chart: NamedChart, pack: Pack, outputs: Outputs) -> list[Problem]:
    """T10: Redash draws a chart of a column that isn't there as a blank, and says nothing."""
    if chart.query not in pack.queries:
        return [chart.source.problem("reference", f"there is no query {chart.query!r}")]
    found = _axis_problems(chart) + _logarithm_problems(chart) + _unit_problems(chart)
    for dialect in DIALECTS:
        columns = outputs.get((chart.query, dialect))
        missing = [] if columns is None else [column for column in chart.chart.columns() if column not in columns]
        found += [
            chart.source.problem("column", f"query {chart.query} returns no column {column!r} on {dialect}")
            for column in missing
        ]
    return found


def _axis_problems(chart: NamedChart) -> list[Problem]:
    """T17: SQLite's columns have no type, so Redash would guess what is a day from how the first value looks."""
    drawn = chart.chart
    if not isinstance(drawn, Drawn) or drawn.kind == "pie" or drawn.x_axis.type != "auto":
        return []
    return [chart.source.problem("axis-type", "say the `type` of the x axis", "x_axis")]


def _logarithm_problems(chart: NamedChart) -> list[Problem]:
    """T10: nothing has a logarithm of 0 or less, and Redash takes any limit without a word."""
    drawn = chart.chart
    axes = ("x_axis", "y_axis", "right_axis") if isinstance(drawn, Drawn) else ()
    return [
        chart.source.problem("chart", f"a logarithmic axis has no {limit} of {value:g}: say one above 0", name, limit)
        for name in axes
        for limit in ("min", "max")
        if getattr(drawn, name).type == "logarithmic" and (value := getattr(getattr(drawn, name), limit)) is not None
        if value <= 0
    ]


def _unit_problems(chart: NamedChart) -> list[Problem]:
    """T10: only the axes of Redash know a share as per cent."""
    plain = chart.chart
    shares = [column.column for column in plain.table if column.unit == "ratio"] if isinstance(plain, Table) else []
    if isinstance(plain, Counter) and plain.unit == "ratio":
        shares = [plain.column]
    message = "Redash shows this share as it is, 0.985 as 1.0: return per cent, with `unit: percent`"
    return [chart.source.problem("chart", f"{column}: {message}") for column in shares]


def dashboard_problems(board: NamedDashboard, pack: Pack) -> list[Problem]:
    """Everything that is wrong with a dashboard."""
    return _widget_problems(board, pack) + _grid_problems(board, pack) + _parameter_problems(board, pack)


def _widget_problems(board: NamedDashboard, pack: Pack) -> list[Problem]:
    found = []
    for index, widget in enumerate(board.dashboard.widgets):
        path = ("widgets", index)
        if widget.chart and widget.chart not in pack.charts:
            found.append(board.source.problem("reference", f"there is no chart {widget.chart!r}", *path, "chart"))
        parameters = widget_parameters(pack, widget.chart)
        for name, value in widget.values.items():
            fault = "is no parameter of its query" if name not in parameters else value_fault(parameters[name], value)
            if fault:
                found.append(board.source.problem("parameter", f"{name} {fault}", *path, "values", name))
        for name in parameters.keys() - widget.values.keys() - board.dashboard.parameters.keys():
            message = f"parameter {name} of {widget.chart} has neither an input on the dashboard nor a value"
            found.append(board.source.problem("parameter", message, *path))
    return found


def widget_parameters(pack: Pack, chart: str | None) -> dict[str, Parameter]:
    """The parameters of the query under a chart, by name."""
    named = pack.charts.get(chart or "")
    query = pack.queries.get(named.query) if named else None
    return dict(query.head.parameters) if query else {}


def value_fault(parameter: Parameter, value: str | int | float | Range) -> str | None:
    """Why a value in a file does not go with its parameter, or None; values of queries and dates are not known here."""
    if isinstance(parameter, NumberParameter):
        return None if isinstance(value, int | float) else "is a number"
    if isinstance(parameter, EnumParameter):
        return None if value in parameter.options else f"is one of {', '.join(parameter.options)}"
    if isinstance(parameter, RangeParameter):
        return dynamic_fault(value) if isinstance(value, str) else None if isinstance(value, Range) else "is a range"
    return None if isinstance(value, str) else "is a text"


def _parameter_problems(board: NamedDashboard, pack: Pack) -> list[Problem]:
    found = []
    for name, shared in board.dashboard.parameters.items():
        under = [
            (widget.chart, parameters[name])
            for widget in board.dashboard.widgets
            if name not in widget.values and name in (parameters := widget_parameters(pack, widget.chart))
        ]
        path = ("parameters", name)
        if not under:
            found.append(board.source.problem("parameter", f"no widget has an open parameter {name}", *path))
            continue
        for chart, parameter in under:
            if parameter.type != under[0][1].type:
                message = f"{name} is a {under[0][1].type} in {under[0][0]} and a {parameter.type} in {chart}"
                found.append(board.source.problem("parameter", message, *path))
        fault = value_fault(under[0][1], shared.default)
        if fault:
            found.append(board.source.problem("parameter", f"the default of {name} {fault}", *path, "default"))
    return found


def _grid_problems(board: NamedDashboard, pack: Pack) -> list[Problem]:
    widgets, found = board.dashboard.widgets, []
    for index, widget in enumerate(widgets):
        at, named = widget.at, pack.charts.get(widget.chart or "")
        drawn = named is not None and isinstance(named.chart, Drawn)
        if at.column + at.width > GRID_COLUMNS:
            message = f"column {at.column} + width {at.width} is more than {GRID_COLUMNS} columns"
            found.append(board.source.problem("grid", message, "widgets", index, "at"))
        if drawn and at.height < _CHART_ROWS:
            message = f"Redash makes no chart lower than {_CHART_ROWS} rows"
            found.append(board.source.problem("grid", message, "widgets", index, "at", "height"))
        if not drawn and at.width < _OTHER_COLUMNS:
            message = f"Redash makes nothing but charts narrower than {_OTHER_COLUMNS} columns"
            found.append(board.source.problem("grid", message, "widgets", index, "at", "width"))
    for (first, one), (second, other) in combinations(enumerate(widgets), 2):
        if _overlap(one.at, other.at):
            message = f"this widget overlaps widget {first + 1} ({one.chart or 'text'})"
            found.append(board.source.problem("grid", message, "widgets", second, "at"))
    return found


def _overlap(one: Position, other: Position) -> bool:
    across = one.column < other.column + other.width and other.column < one.column + one.width
    return across and one.row < other.row + other.height and other.row < one.row + one.height
