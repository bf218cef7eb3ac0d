"""A chart of the files as a Redash visualization: its type and its options, as few as draw what the file says.

numeral.js formats hovers and cells (Redash runs it with percentages as they are: 95.1 is `95.1%`), d3 formats ticks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redash.specs.charts import AnyChart, Axis, Cohort, Counter, Drawn, Measure, Pivot, Table, TableColumn, Unit

Options = dict[str, Any]

_TICKS: dict[str, str] = {"ratio": ".0%", "count": ",", "chars": ",", "bytes": "~s"}
_AXIS = {"auto": "-", "datetime": "datetime", "linear": "linear", "logarithmic": "logarithmic", "category": "category"}
#: With a blank that breaks no line: a counter is narrow.
_SUFFIX: dict[str, str] = {"seconds": "\u00a0s", "hours": "\u00a0h", "percent": "%"}
# A day of milliseconds with 1 near its end: only an axis of moments takes a blank for the words at its ticks.
_MARKS_AXIS = {"type": "datetime", "rangeMin": -86_400_000, "rangeMax": 4_000_000, "tickFormat": " "}
_AGGREGATE = {"sum": "Sum", "count": "Count", "min": "Minimum", "max": "Maximum", "first": "First"}
_LIGHT, _DARK = "#E8F1F8", "#123F6B"


def visualization(chart: AnyChart, result: Sequence[str]) -> tuple[str, Options]:
    """Redash's type and options of a chart whose texts are in one language.

    `result` are the columns of its query: a table hides those that it does not name.
    """
    if isinstance(chart, Drawn):
        return "CHART", _Drawing(chart).options()
    if isinstance(chart, Counter):
        return "COUNTER", _counter(chart)
    if isinstance(chart, Table):
        return "TABLE", _table(chart, result)
    if isinstance(chart, Pivot):
        return "PIVOT", _pivot(chart)
    return "COHORT", _cohort(chart)


def with_order(kind: str, options: Options) -> Options:
    """`options` and, of a table, its visible columns in the order in which Redash shows them.

    That order is the one of the list: whatever `order` says in a column, the page numbers them anew.
    """
    if kind != "TABLE":
        return {"options": options}
    columns = [{name: value for name, value in one.items() if name != "order"} for one in options.get("columns") or []]
    shown = [one.get("name") for one in columns if one.get("visible", True)]
    return {"options": {**options, "columns": columns}, "shown": shown}


def number_format(unit: Unit, decimals: int | None = None) -> str:
    """numeral.js: with a fixed number of decimals, or with as many as the unit usually needs."""
    if decimals is None:
        usual = {"count": "0,0", "chars": "0,0", "seconds": "0,0[.]000", "ratio": "0[.]0000", "rtf": "0[.]000"}
        return {**usual, "percent": "0[.]00%", "bytes": "0[.]0b"}.get(unit, "0,0[.]00")
    digits = f".{'0' * decimals}" if decimals else ""
    return f"0{digits}b" if unit == "bytes" else f"0,0{digits}{'%' if unit == 'percent' else ''}"


class _Drawing:
    def __init__(self, chart: Drawn) -> None:
        self.chart = chart

    def options(self) -> Options:
        chart = self.chart
        options: Options = {
            "globalSeriesType": "column" if chart.kind == "bar" else chart.kind,
            "columnMapping": self._mapping(),
            "xAxis": self._axis(chart.x_axis) | {"labels": {"enabled": True}},
            "yAxis": self._y_axes(),
            "sortX": chart.x_axis.sort,
            "legend": self._legend(),
            "missingValuesAsZero": chart.missing == "zero",
            "numberFormat": number_format(chart.y_axis.unit),
            "showDataLabels": chart.labels or chart.kind == "pie",
        }
        series = self._series()
        options |= {"seriesOptions": series} if series else {}
        hover = self._hover()
        options |= {"textFormat": hover} if hover else {}
        return options | self._kind()

    def _mapping(self) -> dict[str, str]:
        chart = self.chart
        mapping = {chart.x: "x", **{measure.column: "y" for measure in chart.y}}
        roles = {"series": chart.series, "zVal": chart.value, "size": chart.size, "yError": chart.error}
        mapping |= {column: role for role, column in roles.items() if column}
        return mapping | ({chart.marks.column: "y"} if chart.marks else {})

    def _axis(self, axis: Axis, default: str = "-") -> Options:
        made: Options = {"type": default if axis.type == "auto" else _AXIS[axis.type]}
        title = str(axis.title)
        made |= {"title": {"text": title}} if title else {}
        made |= {"tickFormat": _TICKS[axis.unit]} if axis.unit in _TICKS else {}
        made |= {"rangeMin": axis.min} if axis.min is not None else {}
        return made | ({"rangeMax": axis.max} if axis.max is not None else {})

    def _y_axes(self) -> list[Options]:
        right = self._axis(self.chart.right_axis, "linear")
        if self.chart.marks:
            right |= _MARKS_AXIS
        return [self._axis(self.chart.y_axis, "linear"), right | {"opposite": True}]

    def _legend(self) -> Options:
        several = len(self.chart.y) > 1 or self.chart.series or self.chart.marks or self.chart.kind == "pie"
        shown = bool(several) and self.chart.legend != "hidden"
        return {"enabled": shown, "placement": "auto" if self.chart.legend == "right" else "below"}

    def _series(self) -> Options:
        chart = self.chart
        if chart.kind in ("pie", "heatmap", "box"):
            return {}
        if chart.series:
            made: Options = {name: {"color": color} for name, color in chart.colors.items()}
            for name, text in chart.names.items():
                made.setdefault(name, {})["name"] = str(text)
            if chart.y[0].kind:
                return {name: {**one, "type": chart.y[0].kind} for name, one in made.items()}
            return made
        made = {measure.column: one for measure in chart.y if (one := self._measure(measure))}
        if chart.marks:
            mark = {"type": "scatter", "yAxis": 1, "color": chart.marks.color}
            made[chart.marks.column] = mark | ({"name": str(chart.marks.title)} if chart.marks.title else {})
            # An entry without a type takes the hover of a scatter's `any`: say it for all where one differs.
            for measure in chart.y:
                made.setdefault(measure.column, {}).setdefault("type", _plain(chart.kind))
        return made

    def _measure(self, measure: Measure) -> Options:
        title = str(measure.title)
        made: Options = {"name": title} if title else {}
        made |= {"type": measure.kind} if measure.kind else {}
        made |= {"yAxis": 1} if measure.axis == "right" else {}
        return made | ({"color": measure.color} if measure.color else {})

    def _hover(self) -> str:
        """What a point says: the label of a mark, the sample size of a figure; not where it would be written on the bars."""
        chart = self.chart
        if chart.labels or chart.kind in ("pie", "heatmap", "box"):
            return ""
        value = "{{ @@y }}" + (" ± {{ @@yError }}" if chart.error else "")
        if chart.n:
            value += f" (n = {{{{ {chart.n} }}}})"
        if chart.marks:
            value += f" {{{{ {chart.marks.label} }}}}"
        return "" if value == "{{ @@y }}" or (chart.error and not chart.n) else value

    def _kind(self) -> Options:
        chart = self.chart
        made: Options = {"swappedAxes": True} if chart.kind == "bar" else {}
        if chart.stack != "none":
            made["series"] = {"stacking": "stack", **({"percentValues": True} if chart.stack == "percent" else {})}
        if chart.kind == "pie":
            made |= (
                {"valuesOptions": {name: {"color": color} for name, color in chart.colors.items()}}
                if chart.colors
                else {}
            )
        if chart.kind == "heatmap":
            scale = {"colorScheme": "Custom...", "heatMinColor": _LIGHT, "heatMaxColor": _DARK}
            made |= {"sortX": True, "sortY": True, "reverseY": True, **scale}
        if chart.kind == "bubble":
            made |= {"coefficient": chart.size_factor, "sizemode": "diameter"}
        return made


def _plain(kind: str) -> str:
    return "column" if kind == "bar" else kind


def _counter(chart: Counter) -> Options:
    made: Options = {
        "counterLabel": str(chart.title),
        "counterColName": chart.column,
        "rowNumber": chart.row,
        "stringDecimal": chart.decimals,
        "stringPrefix": str(chart.prefix),
        "stringSuffix": str(chart.suffix) or _SUFFIX.get(chart.unit, ""),
    }
    beside = chart.target or chart.note
    return made | ({"targetColName": beside, "targetRowNumber": chart.row} if beside else {})


def _table(chart: Table, result: Sequence[str]) -> Options:
    shown = [table_column(column) for column in chart.table]
    named = {column["name"] for column in shown}
    hidden = [name for name in result if name not in named]
    others = [{"name": name, "visible": False} for name in hidden]
    return {"itemsPerPage": chart.rows_per_page, "columns": [*shown, *others]}


def table_column(column: TableColumn) -> Options:
    """A visible column of a table, with all that its display hangs on."""
    made: Options = {"name": column.column, "title": str(column.title) or column.column, "visible": True}
    if column.datetime:
        made |= {"displayAs": "datetime", "dateTimeFormat": "YYYY-MM-DD HH:mm:ss", "alignContent": "left"}
    elif column.unit:
        made |= {"displayAs": "number", "alignContent": "right"}
        made["numberFormat"] = number_format(column.unit, column.decimals)
    else:
        made |= {"displayAs": "string", "alignContent": "left"}
    made |= {"description": str(column.description)} if column.description else {}
    return made | ({"allowSearch": True} if column.search else {})


def _pivot(chart: Pivot) -> Options:
    return {
        "controls": {"enabled": True},
        "rendererOptions": {"table": {"colTotals": chart.totals, "rowTotals": chart.totals}},
        "rows": chart.rows,
        "cols": chart.cols,
        "vals": [chart.value],
        "aggregatorName": _AGGREGATE[chart.aggregate],
        "rendererName": "Table Heatmap" if chart.colored else "Table",
    }


def _cohort(chart: Cohort) -> Options:
    made: Options = {
        "timeInterval": chart.interval,
        "mode": "simple",
        "dateColumn": chart.date,
        "stageColumn": chart.stage,
        "totalColumn": chart.total,
        "valueColumn": chart.value,
        "percentValues": chart.percent,
    }
    made |= {"timeColumnTitle": str(chart.date_title)} if chart.date_title else {}
    return made | ({"peopleColumnTitle": str(chart.total_title)} if chart.total_title else {})
