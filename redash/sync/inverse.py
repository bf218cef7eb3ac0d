"""What a file would say to get an object as it is on the server: `desired`, backwards. Defaults of the files are left out.

What our files have no word for is lost here; who uses this makes the object anew from the words and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from redash.sync.wanted import TAG, Fields, Target, kind_of, slug_of

Words = dict[str, Any]

_AXIS = {"-": "auto"}
_GRID = 12


def words_of(key: str, fields: Fields, target: Target) -> Words:
    """What a file says of an object with these fields."""
    made = _INVERSES[kind_of(key)](fields, target)
    return {name: value for name, value in made.items() if value not in (None, "", [], {}, ())}


def _query(fields: Fields, target: Target) -> Words:
    return {
        "title": _unprefixed(fields["name"], target),
        "description": fields["description"],
        "parameters": {one["name"]: _parameter(one) for one in fields["parameters"]},
        "schedule": _schedule(fields["schedule"], target),
        "tags": [tag for tag in fields["tags"] if tag != TAG],
    }


def _parameter(fields: Fields) -> Words:
    words: Words = {"type": fields["type"], "title": fields.get("title", ""), "default": fields.get("value")}
    if fields.get("enumOptions"):
        words["options"] = fields["enumOptions"].split("\n")
    if fields.get("queryId"):
        words["query"] = slug_of(fields["queryId"])
    return words


def _schedule(fields: Fields | None, target: Target) -> Words | None:
    """A time that we spread is not the time of the file: it is said only where the files' times are used as written."""
    if fields is None:
        return None
    words = {"interval_seconds": fields["interval"], "day_of_week": fields["day_of_week"], "until": fields["until"]}
    words |= {"time": fields["time"]} if target.environment.schedules == "as_written" else {}
    return {name: value for name, value in words.items() if value is not None}


def _alert(fields: Fields, target: Target) -> Words:
    return {
        "title": _unprefixed(fields["name"], target),
        "query": slug_of(fields["query"] or ""),
        "column": fields["column"],
        "selector": None if fields.get("selector") == "first" else fields.get("selector"),
        "op": fields["op"],
        "value": _plain_number(fields["value"]),
        "rearm_seconds": fields["rearm"] or None,
        "mute": fields["muted"] or None,
        "subject": fields["subject"],
        "body": fields["body"],
    }


def _plain_number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _dashboard(fields: Fields, target: Target) -> Words:
    values = fields.get("parameters")
    order = [name for name in fields["order"] if values is None or name in values]
    words: Words = {
        "title": _unprefixed(fields["name"], target),
        "tags": [tag for tag in fields["tags"] if tag != TAG],
    }
    if values is not None:
        words["parameters"] = {name: {"default": values[name]} for name in order}
    return words


def _widget(fields: Fields, target: Target) -> Words:
    at, wide = fields["position"], _GRID // target.version.grid_columns
    fixed = {name: one["value"] for name, one in fields["mappings"].items() if one["type"] == "static-value"}
    return {
        "chart": slug_of(fields["chart"]) if fields["chart"] else None,
        "text": fields["text"] if not fields["chart"] else None,
        "values": fixed,
        "at": {
            "column": (at["col"] or 0) * wide,
            "row": at["row"] or 0,
            "width": (at["sizeX"] or 1) * wide,
            "height": at["sizeY"] or 1,
        },
    }


def _chart(fields: Fields, _target: Target) -> Words:
    head = {"title": fields["name"], "description": fields["description"]}
    kinds = {"CHART": _drawn, "COUNTER": _counter, "TABLE": _table}
    made = kinds.get(fields["type"])
    return head | (made(fields["options"]) if made else {})


def _drawn(options: Fields) -> Words:
    kind = options.get("globalSeriesType", "column")
    mapping: Mapping[str, str] = options.get("columnMapping") or {}
    roles = {role: [column for column, own in mapping.items() if own == role] for role in set(mapping.values())}

    def one(role: str) -> str | None:
        return next(iter(roles.get(role, [])), None)

    legend, series = options.get("legend") or {}, options.get("series") or {}
    y_axes = [*(options.get("yAxis") or []), {}, {}]
    stack = None if not series.get("stacking") else "percent" if series.get("percentValues") else "values"
    own = options.get("seriesOptions") or {}
    words: Words = {
        "type": "chart",
        "kind": "bar" if kind == "column" and options.get("swappedAxes") else kind,
        "x": one("x"),
        "y": [_measure(column, own.get(column) or {}) for column in roles.get("y", [])],
        "series": one("series"),
        "value": one("zVal"),
        "size": one("size"),
        "error": one("yError"),
        "stack": stack,
        "missing": "zero" if options.get("missingValuesAsZero", True) else None,
        "x_axis": _axis(options.get("xAxis") or {}, options.get("sortX", True)),
        "y_axis": _axis(y_axes[0]),
        "right_axis": _axis(y_axes[1]),
        "labels": (options.get("showDataLabels") or None) if kind != "pie" else None,
        "legend": "right" if legend.get("placement", "auto") == "auto" else None,
    }
    several = len(words["y"]) > 1 or words["series"] or kind == "pie"
    if several and legend.get("enabled") is False:
        words["legend"] = "hidden"
    if words["series"]:
        words["colors"] = {name: item["color"] for name, item in own.items() if item.get("color")}
        words["names"] = {name: item["name"] for name, item in own.items() if item.get("name")}
    if kind == "pie":
        values = options.get("valuesOptions") or {}
        words["colors"] = {name: item["color"] for name, item in values.items() if item.get("color")}
    return words


def _measure(column: str, own: Fields) -> Words:
    words = {"column": column, "title": own.get("name"), "kind": own.get("type"), "color": own.get("color")}
    words |= {"axis": "right"} if own.get("yAxis") else {}
    return {name: value for name, value in words.items() if value}


def _axis(options: Fields, sort: bool = True) -> Words:
    kind = options.get("type", "-")
    words: Words = {"type": _AXIS.get(kind, kind), "title": (options.get("title") or {}).get("text")}
    words |= {"min": options.get("rangeMin"), "max": options.get("rangeMax"), "sort": None if sort else False}
    return {name: value for name, value in words.items() if value not in (None, "")}


def _counter(options: Fields) -> Words:
    return {
        "type": "counter",
        "column": options.get("counterColName", "counter"),
        "row": options.get("rowNumber", 1),
        "decimals": options.get("stringDecimal", 0),
        "prefix": options.get("stringPrefix"),
        "suffix": options.get("stringSuffix"),
        "note": options.get("targetColName"),
    }


def _table(options: Fields) -> Words:
    columns = [one for one in options.get("columns") or [] if one.get("visible", True)]
    ordered = sorted(columns, key=lambda one: one.get("order", 0))
    return {
        "type": "table",
        "rows_per_page": options.get("itemsPerPage", 25),
        "table": [{"column": one["name"], "title": one.get("title")} for one in ordered],
    }


def _unprefixed(name: str, target: Target) -> str:
    return name.removeprefix(target.environment.prefix)


_INVERSES: dict[str, Callable[[Fields, Target], Words]] = {
    "query": _query,
    "chart": _chart,
    "dashboard": _dashboard,
    "widget": _widget,
    "alert": _alert,
}
