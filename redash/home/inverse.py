"""What a file would say to get an object as it is on the server: `desired`, backwards. Defaults of the files are left out.

What our files have no word for is lost here; who uses this makes the object anew from the words and compares.
The charts have their own module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redash.home.chartwords import chart_words
from redash.specs.charts import AnyChart
from redash.sync.wanted import TAG, Fields, Target, kind_of, slug_of

Words = dict[str, Any]

_GRID = 12


def words_of(key: str, fields: Fields, target: Target, guide: AnyChart | None = None) -> Words:
    """What a file says of an object with these fields; `guide` is the chart of the file, where several words would do."""
    made = chart_words(fields, guide) if kind_of(key) == "chart" else _INVERSES[kind_of(key)](fields, target)
    return {name: value for name, value in made.items() if value not in (None, "", [], {}, ())}


def _query(fields: Fields, target: Target) -> Words:
    return {
        "title": _unprefixed(fields["name"], target),
        "description": fields["description"],
        "source": fields["source"],
        "parameters": {one["name"]: _parameter(one) for one in fields["parameters"]},
        "schedule": _schedule(fields["schedule"]),
        "tags": [tag for tag in fields["tags"] if tag != TAG],
    }


def _parameter(fields: Fields) -> Words:
    words: Words = {"type": fields["type"], "title": fields.get("title", "")}
    words["default"] = _value(fields.get("value"))
    if fields.get("enumOptions"):
        words["options"] = fields["enumOptions"].split("\n")
    if fields.get("queryId"):
        words["query"] = slug_of(fields["queryId"])
    return words


def _schedule(fields: Fields | None) -> Words | None:
    """A time that was spread is one that its own word may be spread to: who says it back keeps it."""
    if fields is None:
        return None
    names = {"interval_seconds": "interval", "time": "time", "day_of_week": "day_of_week", "until": "until"}
    return {word: fields[name] for word, name in names.items() if fields[name] is not None}


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


def _dashboard(fields: Fields, target: Target) -> Words:
    values = fields.get("parameters")
    order = [name for name in fields["order"] if values is None or name in values]
    words: Words = {
        "title": _unprefixed(fields["name"], target),
        "tags": [tag for tag in fields["tags"] if tag != TAG],
    }
    if values is not None:
        words["parameters"] = {name: {"default": _value(values[name])} for name in order}
    return words


def _widget(fields: Fields, target: Target) -> Words:
    at, wide = fields["position"], _GRID // target.version.grid_columns
    fixed = {name: _value(one["value"]) for name, one in fields["mappings"].items() if one["type"] == "static-value"}
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


def _place(fields: Fields, target: Target) -> Words:
    """A data source or destination; its secrets are no part of `fields`."""
    options = dict(fields["options"])
    if isinstance(options.get("addresses"), str):
        options["addresses"] = [one.strip() for one in options["addresses"].split(",")]
    return {"type": fields["type"], "title": _unprefixed(fields["name"], target), **options}


def _value(value: Any) -> Any:
    """The value of a parameter: a range from its start on."""
    if isinstance(value, dict) and {"start", "end"} == set(value):
        return {"start": value["start"], "end": value["end"]}
    return _plain_number(value)


def _plain_number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unprefixed(name: str, target: Target) -> str:
    return name.removeprefix(target.environment.prefix)


_INVERSES: dict[str, Callable[[Fields, Target], Words]] = {
    "query": _query,
    "dashboard": _dashboard,
    "widget": _widget,
    "alert": _alert,
    "source": _place,
    "destination": _place,
}
