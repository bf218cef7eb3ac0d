"""The words of `charts/<query>.yaml` for a visualization of Redash: `charts`, backwards.

Options without a word, and those that another word would make otherwise, are lost here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from redash.specs.charts import AnyChart, Counter, Drawn, Table
from redash.sync.wanted import Fields

Words = dict[str, Any]

_AGGREGATES = {"Sum": "sum", "Count": "count", "Minimum": "min", "Maximum": "max", "First": "first"}


def chart_words(fields: Fields, guide: AnyChart | None) -> Words:
    """What a file says of a chart with these fields."""
    head = {"title": fields["name"], "description": fields["description"]}
    options = fields["options"]
    if fields["type"] == "CHART":
        return head | _drawn(options, guide if isinstance(guide, Drawn) else None)
    if fields["type"] == "COUNTER":
        return head | _counter(options, guide if isinstance(guide, Counter) else None)
    if fields["type"] == "TABLE":
        return head | _table(fields, guide if isinstance(guide, Table) else None)
    makers = {"PIVOT": _pivot, "COHORT": _cohort}
    return head | (makers[fields["type"]](options) if fields["type"] in makers else {})


def _drawn(options: Fields, guide: Drawn | None) -> Words:
    kind = options.get("globalSeriesType", "column")
    mapping: Mapping[str, str] = options.get("columnMapping") or {}

    def of(role: str) -> list[str]:
        return [column for column, own in mapping.items() if own == role]

    def one(role: str) -> str | None:
        return next(iter(of(role)), None)

    mark = guide.marks.column if guide and guide.marks else None
    y_axes, own = list(_y_axes(options)), options.get("seriesOptions") or {}
    words: Words = {
        "type": "chart",
        "kind": "bar" if kind == "column" and options.get("swappedAxes") else kind,
        "x": one("x"),
        "y": [_measure(column, own.get(column) or {}) for column in of("y") if column != mark],
        "series": one("series"),
        "value": one("zVal"),
        "size": one("size"),
        "size_factor": options.get("coefficient") if kind == "bubble" else None,
        "error": one("yError"),
        "marks": _marks(mark, own) if mark and mark in of("y") else None,
        "stack": _stack(options.get("series") or {}),
        "missing": "zero" if options.get("missingValuesAsZero", True) else None,
        "x_axis": _axis(options.get("xAxis") or {}, "-", options.get("sortX", True)),
        "y_axis": _axis(y_axes[0], "linear"),
        "right_axis": {} if mark else _axis(y_axes[1], "linear"),
        "labels": (options.get("showDataLabels") or None) if kind != "pie" else None,
        "legend": _legend(options.get("legend") or {}, len(of("y")) > 1 or bool(of("series")) or kind == "pie"),
    }
    return words | _names_and_colors(kind, bool(words["series"]), options)


def _y_axes(options: Fields) -> Iterator[Fields]:
    """Both, also where there is none or one."""
    yield from [*(options.get("yAxis") or []), {}, {}][:2]


def _measure(column: str | None, own: Fields) -> Words:
    words = {"column": column, "title": own.get("name"), "kind": own.get("type"), "color": own.get("color")}
    words |= {"axis": "right"} if own.get("yAxis") else {}
    return {name: value for name, value in words.items() if value}


def _marks(column: str, own: Fields) -> Words:
    words = _measure(column, own.get(column) or {})
    return {name: words[name] for name in ("column", "title", "color") if name in words}


def _stack(series: Fields) -> str | None:
    if not series.get("stacking"):
        return None
    return "percent" if series.get("percentValues") else "values"


def _legend(legend: Fields, several: bool) -> str | None:
    if several and legend.get("enabled") is False:
        return "hidden"
    return "right" if legend.get("placement", "auto") == "auto" else None


def _names_and_colors(kind: str, series: bool, options: Fields) -> Words:
    own, values = options.get("seriesOptions") or {}, options.get("valuesOptions") or {}
    if kind == "pie":
        return {"colors": {name: item["color"] for name, item in values.items() if item.get("color")}}
    if not series:
        return {}
    colors = {name: item["color"] for name, item in own.items() if item.get("color")}
    return {"colors": colors, "names": {name: item["name"] for name, item in own.items() if item.get("name")}}


def _axis(options: Fields, auto: str, sort: bool = True) -> Words:
    kind = options.get("type", auto)
    words: Words = {"type": None if kind in ("-", auto) else kind, "title": (options.get("title") or {}).get("text")}
    words |= {"min": options.get("rangeMin"), "max": options.get("rangeMax"), "sort": None if sort else False}
    return {name: value for name, value in words.items() if value not in (None, "")}


def _counter(options: Fields, guide: Counter | None) -> Words:
    beside = "note" if guide and guide.note else "target"
    return {
        "type": "counter",
        "column": options.get("counterColName", "counter"),
        "row": _but(1, options.get("rowNumber")),
        "decimals": _but(0, options.get("stringDecimal")),
        "prefix": options.get("stringPrefix"),
        "suffix": options.get("stringSuffix"),
        beside: options.get("targetColName"),
    }


def _but(default: int, value: Any) -> Any:
    return None if value == default else value


def _table(fields: Fields, guide: Table | None) -> Words:
    options = fields["options"]
    columns = {one["name"]: one for one in options.get("columns") or []}
    units = {column.column: column.unit for column in guide.table} if guide else {}
    return {
        "type": "table",
        "rows_per_page": _but(25, options.get("itemsPerPage")),
        "table": [_column(columns[name], units.get(name)) for name in fields["shown"]],
    }


def _column(own: Fields, unit: str | None) -> Words:
    title = own.get("title")
    words: Words = {"column": own["name"], "title": None if title == own["name"] else title}
    words |= {"description": own.get("description"), "search": own.get("allowSearch")}
    if own.get("displayAs") == "datetime":
        words["datetime"] = True
    elif own.get("displayAs") == "number":
        words |= _number(str(own.get("numberFormat") or ""), unit)
    return {name: value for name, value in words.items() if value}


def _number(number_format: str, unit: str | None) -> Words:
    """Unit and decimals of a number; several units are written alike, and the one of the file stays where it is one of them."""
    family = "percent" if "%" in number_format else "bytes" if number_format.endswith("b") else "number"
    fitting = unit is not None and (unit if unit in ("percent", "bytes") else "number") == family
    digits = re.search(r"\.(0+)", number_format)
    return {"unit": unit if fitting else family, "decimals": len(digits[1]) if digits else None}


def _pivot(options: Fields) -> Words:
    totals = (options.get("rendererOptions") or {}).get("table") or {}
    return {
        "type": "pivot",
        "rows": list(options.get("rows") or []),
        "cols": list(options.get("cols") or []),
        "value": next(iter(options.get("vals") or []), None),
        "aggregate": _AGGREGATES.get(str(options.get("aggregatorName", "Count"))),
        "colored": options.get("rendererName") == "Table Heatmap" or None,
        "totals": (totals.get("colTotals", True) and totals.get("rowTotals", True)) or None,
    }


def _cohort(options: Fields) -> Words:
    return {
        "type": "cohort",
        "date": options.get("dateColumn", "date"),
        "stage": options.get("stageColumn", "day_number"),
        "total": options.get("totalColumn", "total"),
        "value": options.get("valueColumn", "value"),
        "interval": options.get("timeInterval", "daily"),
        "percent": bool(options.get("percentValues", True)),
        "date_title": options.get("timeColumnTitle"),
        "total_title": options.get("peopleColumnTitle"),
    }
