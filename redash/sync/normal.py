"""Objects of a server in the words of `wanted`: what the files say nothing of is left out, ids of ours are keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from redash.remote.access import MASK
from redash.remote.client import Json
from redash.sync.charts import with_order
from redash.sync.marker import FIELD
from redash.sync.wanted import Fields

#: (kind, id) → key; `#id` for what is not ours.
KeyOf = Callable[[str, int | None], str | None]

_SCHEDULE = ("interval", "time", "day_of_week", "until")
_PARAMETER = ("name", "title", "type", "value", "enumOptions", "multiValuesOptions", "regex")
_POSITION = ("col", "row", "sizeX", "sizeY")
_OPS = {"greater than": ">", "less than": "<", "equals": "=="}


def live_query(raw: Json, key_of: KeyOf) -> Fields:
    """A query."""
    options = raw.get("options") or {}
    return {
        "name": raw["name"],
        "description": _lines(raw.get("description")).strip(),
        "sql": _lines(raw.get("query")).strip("\n").rstrip(),
        "source": key_of("source", raw.get("data_source_id")),
        "schedule": _schedule(raw.get("schedule")),
        "parameters": [_parameter(one, key_of) for one in options.get("parameters") or []],
        "tags": sorted(set(raw.get("tags") or [])),
        "published": not raw.get("is_draft"),
        "auto_limit": bool(options.get("apply_auto_limit")),
    }


def _lines(text: str | None) -> str:
    """A text with the line breaks that a file has."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


def _schedule(raw: Mapping[str, Any] | None) -> Fields | None:
    if not raw or raw.get("interval") is None:
        return None
    kept = {name: raw.get(name) for name in _SCHEDULE}
    return kept | ({"disabled": True} if raw.get("disabled") else {})


def _parameter(raw: Mapping[str, Any], key_of: KeyOf) -> Fields:
    kept = {name: raw[name] for name in _PARAMETER if raw.get(name) is not None}
    kept |= {"value": _number(kept["value"])} if kept.get("type") == "number" and "value" in kept else {}
    return kept | ({"queryId": key_of("query", raw["queryId"])} if raw.get("queryId") else {})


def live_chart(raw: Json) -> Fields:
    """A visualization."""
    options = {name: value for name, value in (raw.get("options") or {}).items() if name != FIELD}
    said = {"name": raw["name"], "description": (raw.get("description") or "").strip()}
    return {"type": raw["type"], **said, **with_order(raw["type"], options)}


def live_dashboard(raw: Json, with_values: bool) -> Fields:
    """A dashboard; `with_values`: the server keeps values of a dashboard's own for its parameters."""
    options = raw.get("options") or {}
    fields: Fields = {
        "name": raw["name"],
        "tags": sorted(set(raw.get("tags") or [])),
        "published": not raw.get("is_draft"),
        "filters": bool(raw.get("dashboard_filters_enabled")),
        "order": list(options.get("globalParamOrder") or []),
    }
    if with_values:
        fields["parameters"] = {one["name"]: one.get("value") for one in options.get("parameters") or []}
    return fields


def live_widget(raw: Json, key_of: KeyOf) -> Fields:
    """A widget."""
    options = raw.get("options") or {}
    position, visualization = options.get("position") or {}, raw.get("visualization") or {}
    return {
        "chart": key_of("chart", visualization.get("id")),
        "text": _lines(raw.get("text")),
        "position": {name: position.get(name) for name in _POSITION},
        "mappings": {
            name: {
                "type": one.get("type"),
                "mapTo": one.get("mapTo"),
                "value": one.get("value") if one.get("type") == "static-value" else None,
            }
            for name, one in (options.get("parameterMappings") or {}).items()
        },
        "hidden": bool(options.get("isHidden")),
    }


def live_alert(raw: Json, key_of: KeyOf, with_selector: bool) -> Fields:
    """An alert, without its state."""
    options = raw.get("options") or {}
    query = raw.get("query") or {}
    fields: Fields = {
        "name": raw["name"],
        "query": key_of("query", query.get("id", raw.get("query_id"))),
        "column": options.get("column"),
        "op": _OPS.get(str(options.get("op")), options.get("op")),
        "value": _number(options.get("value")),
        "muted": bool(options.get("muted")),
        "subject": _lines(options.get("custom_subject")),
        "body": _lines(options.get("custom_body") or options.get("template")),
        "rearm": raw.get("rearm") or 0,
    }
    return fields | ({"selector": options.get("selector")} if with_selector else {})


def _number(value: Any) -> Any:
    """Redash's editor makes a text of the number."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def live_options(raw: Json, secrets: Mapping[str, Any]) -> Fields:
    """A data source or destination, without what is a secret to us."""
    kept = {
        name: value
        for name, value in (raw.get("options") or {}).items()
        if name != FIELD and name not in secrets and value not in (None, MASK)
    }
    return {"name": raw["name"], "type": raw["type"], "options": kept}
