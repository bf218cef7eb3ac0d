"""Wanted objects as the bodies of requests: keys become ids, and what our files say nothing of stays as the server has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redash.remote.client import Json
from redash.sync.marker import FIELD, Marker, own_marker
from redash.sync.wanted import Fields, Wanted

Ids = Mapping[str, int]


def query_body(one: Wanted, ids: Ids, marker: Marker, raw: Json | None) -> Json:
    """Everything of a query but whether it is published."""
    fields = one.fields
    kept = dict((raw or {}).get("options") or {})
    parameters = [_parameter(parameter, ids) for parameter in fields["parameters"]]
    options = {**kept, "parameters": parameters, "apply_auto_limit": fields["auto_limit"], FIELD: marker.written()}
    return {
        "name": fields["name"],
        "description": fields["description"],
        "query": fields["sql"],
        "data_source_id": ids[fields["source"]],
        "schedule": fields["schedule"],
        "tags": fields["tags"],
        "options": options,
    }


def _parameter(fields: Fields, ids: Ids) -> Json:
    return {**fields, "queryId": ids[fields["queryId"]]} if "queryId" in fields else dict(fields)


def chart_body(one: Wanted, environment: str) -> Json:
    """A visualization, with who it is in its options."""
    said = {name: one.fields[name] for name in ("type", "name", "description")}
    return {**said, "options": {**one.fields["options"], FIELD: own_marker(one.key, environment)}}


def dashboard_body(one: Wanted, marker: Marker, raw: Json) -> Json:
    """Everything of a dashboard but whether it is published."""
    fields = one.fields
    options = {**(raw.get("options") or {}), "globalParamOrder": fields["order"], FIELD: marker.written()}
    if "parameters" in fields:
        others = [item for item in options.get("parameters") or [] if item.get("name") not in fields["parameters"]]
        ours = [
            {"name": name, **one.beside.get(name, {}), "value": value} for name, value in fields["parameters"].items()
        ]
        options["parameters"] = [*ours, *others]
    return {
        "name": fields["name"],
        "tags": fields["tags"],
        "dashboard_filters_enabled": fields["filters"],
        "options": options,
    }


def widget_body(one: Wanted, environment: str, raw: Json | None) -> tuple[str, Json]:
    """A widget's text and options."""
    fields = one.fields
    kept: dict[str, Any] = dict((raw or {}).get("options") or {})
    position = {**kept.get("position", {}), **fields["position"], "autoHeight": False}
    mappings = {name: {"name": name, "title": "", **mapping} for name, mapping in fields["mappings"].items()}
    options = {**kept, "isHidden": fields["hidden"], "position": position, "parameterMappings": mappings}
    return fields["text"], {**options, FIELD: own_marker(one.key, environment)}


def alert_body(one: Wanted, ids: Ids, environment: str, raw: Json | None) -> Json:
    """An alert."""
    fields = one.fields
    kept = {name: value for name, value in ((raw or {}).get("options") or {}).items() if name != "template"}
    options = {
        **kept,
        "column": fields["column"],
        "op": fields["op"],
        "value": fields["value"],
        "selector": fields.get("selector", "first"),
        "muted": fields["muted"],
        "custom_subject": fields["subject"] or None,
        "custom_body": fields["body"] or None,
        FIELD: own_marker(one.key, environment),
    }
    body = {"name": fields["name"], "query_id": ids[fields["query"]], "options": options}
    return {**body, "rearm": fields["rearm"] or None}


def option_body(one: Wanted, marker: Marker, raw: Json | None, secrets: Mapping[str, str]) -> Json:
    """The options of a data source or destination; `secrets` are values, or the mask for what stays."""
    kept = {name: value for name, value in ((raw or {}).get("options") or {}).items() if name not in marker.secrets}
    applied = dict((Marker.of(kept, marker.environment) or marker).applied or {}).get("options", {})
    foreign = {name: value for name, value in kept.items() if name not in applied and value is not None}
    return {**foreign, **one.fields["options"], **secrets, FIELD: marker.written()}
