"""Tables, cross tables and cohorts as rows of text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from redash.data.database import Result, Value
from redash.preview.formats import NOTHING, moment, shown
from redash.specs.charts import Cohort, Pivot, Table, TableColumn

_TONES = {"ok": "good", "error": "bad", "timeout": "bad", "rejected": "warn", "cancelled": "quiet"}
_JOINED = " · "
_Cells = dict[tuple[str, str], list[float]]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; `tone` colours a status, `shade` (0 to 1) says how large a figure is among the others."""

    text: str
    number: bool = False
    tone: str = ""
    shade: float | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as text."""

    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


def grid(chart: Table | Pivot | Cohort, result: Result) -> Grid:
    """The rows of a chart without axes; raises KeyError where the result lacks one of its columns."""
    missing = [column for column in chart.columns() if column not in result.columns]
    if missing:
        raise KeyError(missing[0])
    if isinstance(chart, Table):
        return _table(chart.table, result)
    return _pivot(chart, result) if isinstance(chart, Pivot) else _cohort(chart, result)


def rows_of(result: Result) -> Grid:
    """A result as it is, each column by its name."""
    return _table([TableColumn(column=name) for name in result.columns], result)


def _table(columns: list[TableColumn], result: Result) -> Grid:
    places = [result.columns.index(column.column) for column in columns]
    head = tuple(Cell(str(column.title) or column.column, column.unit is not None) for column in columns)
    rows = tuple(
        tuple(_cell(column, row[place]) for column, place in zip(columns, places, strict=True)) for row in result.rows
    )
    return Grid(head, rows)


def _cell(column: TableColumn, value: Value) -> Cell:
    if column.datetime:
        return Cell(moment(value))
    tone = _TONES.get(str(value), "") if column.column == "status" else ""
    return Cell(shown(value, column.unit, column.decimals), column.unit is not None, tone)


_AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "count": lambda values: float(len(values)),
    "min": min,
    "max": max,
    "first": lambda values: values[0],
}


def _pivot(chart: Pivot, result: Result) -> Grid:
    """Rows and columns sorted as texts, as Redash's cross table does it."""
    names = (_joined(result, chart.rows), _joined(result, chart.cols))
    found: _Cells = {}
    for row, column, value in zip(*names, result.column(chart.value), strict=True):
        if isinstance(value, int | float):
            found.setdefault((row, column), []).append(float(value))
    cells = {place: _AGGREGATES[chart.aggregate](values) for place, values in found.items()}
    most = max((abs(value) for value in cells.values()), default=0) or 1
    rows, columns = sorted(set(names[0])), sorted(set(names[1]))

    def cell(value: float | None, shaded: bool) -> Cell:
        shade = abs(value) / most if chart.colored and shaded and value is not None else None
        return Cell(shown(value, chart.unit, chart.decimals), True, "", shade)

    lines = [[Cell(row), *(cell(cells.get((row, column)), True) for column in columns)] for row in rows]
    head = [Cell(_JOINED.join(chart.rows)), *(Cell(column, True) for column in columns)]
    if chart.totals:
        for row, line in zip(rows, lines, strict=True):
            line.append(cell(_total(chart, found, (row, None)), False))
        totals = [_total(chart, found, (None, column)) for column in columns]
        lines.append([Cell("Σ"), *(cell(total, False) for total in [*totals, _total(chart, found, (None, None))])])
        head.append(Cell("Σ", True))
    return Grid(tuple(head), tuple(map(tuple, lines)))


def _total(chart: Pivot, found: _Cells, at: tuple[str | None, str | None]) -> float | None:
    """Over all values of a row, of a column, or of both."""
    values = [
        value
        for place, some in found.items()
        if all(wanted in (None, own) for wanted, own in zip(at, place, strict=True))
        for value in some
    ]
    return _AGGREGATES[chart.aggregate](values) if values else None


def _joined(result: Result, columns: list[str]) -> list[str]:
    values = [result.column(column) for column in columns]
    return [
        _JOINED.join(NOTHING if value is None else str(value) for value in row) for row in zip(*values, strict=True)
    ]


def _cohort(chart: Cohort, result: Result) -> Grid:
    """A row for each cohort in order of its day, a column for each stage."""
    needed = [result.column(column) for column in chart.columns()]
    rows = sorted(zip(*needed, strict=True), key=lambda row: (str(row[0]), _whole(row[1])))
    stages = sorted({_whole(row[1]) for row in rows})
    head = (
        Cell(str(chart.date_title) or chart.date),
        Cell(str(chart.total_title) or chart.total, True),
        *(Cell(str(stage), True) for stage in stages),
    )
    lines = []
    for day, group in groupby(rows, key=lambda row: str(row[0])):
        members = list(group)
        total, values = _whole(members[0][2]), {_whole(row[1]): _whole(row[3]) for row in members}
        cells = (_stage(chart, values.get(stage), total) for stage in stages)
        lines.append((Cell(day[:10]), Cell(shown(total, "count", 0), True), *cells))
    return Grid(head, tuple(lines))


def _stage(chart: Cohort, value: int | None, total: int) -> Cell:
    if value is None or not total:
        return Cell(NOTHING, True)
    text = shown(value / total, "ratio", 0) if chart.percent else shown(value, "count", 0)
    return Cell(text, True, "", min(1.0, value / total))


def _whole(value: Value) -> int:
    return int(value) if isinstance(value, int | float) else int(float(value or 0))
