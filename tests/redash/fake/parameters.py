"""Parameters of a query as the server sees them: definitions, values, and the text that runs (section 3)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from tests.redash.fake.state import Abort, Row

_MUSTACHE = re.compile(r"{{\s*([\w.]+)\s*}}")
_MOMENT = {"date": "%Y-%m-%d", "datetime-local": "%Y-%m-%d %H:%M", "datetime-with-seconds": "%Y-%m-%d %H:%M:%S"}
_RANGE = {
    "date-range": "date",
    "datetime-range": "datetime-local",
    "datetime-range-with-seconds": "datetime-with-seconds",
}


def is_safe(options: Row) -> bool:
    """A `text` parameter makes a query unsafe."""
    return all(one.get("type") != "text" for one in definitions(options))


def definitions(options: Row) -> list[Row]:
    """The parameters of a query's options."""
    return list(options.get("parameters") or [])


def defaults(options: Row) -> Row:
    """The values as they are saved, dynamic ones as their names."""
    return {one["name"]: one.get("value") for one in definitions(options)}


def default_text(query: Row) -> str:
    """The text with the default values."""
    return filled(query["query"], defaults(query["options"]), query["options"])


def named(text: str) -> set[str]:
    """The parameters that a text uses."""
    return {name.partition(".")[0] for name in _MUSTACHE.findall(text)}


def filled(text: str, values: Row, options: Row) -> str:
    """The text with values in the place of names."""
    kinds = {one["name"]: one for one in definitions(options)}

    def value_of(match: re.Match[str]) -> str:
        name, _, part = match[1].partition(".")
        value = values.get(name)
        if part:
            value = value.get(part, "") if isinstance(value, dict) else ""
        return _written(value, kinds.get(name, {}))

    return _MUSTACHE.sub(value_of, text)


def _written(value: Any, definition: Row) -> str:
    if isinstance(value, list):
        many = definition.get("multiValuesOptions") or {}
        wrapped = [f"{many.get('prefix', '')}{one}{many.get('suffix', '')}" for one in value]
        return str(many.get("separator", ",")).join(wrapped)
    return "" if value is None else str(value)


def refuse_bad(text: str, values: Row, options: Row, version: tuple[int, int]) -> None:
    """Stops with 400 for what is missing, unknown or no value of its type (section 4)."""
    kinds = {one["name"]: one for one in definitions(options)}
    if version < (25, 1):  # It knows no text-pattern.
        kinds = {name: one for name, one in kinds.items() if one.get("type") != "text-pattern"}
    bad = sorted(name for name in values if name not in kinds or not _fits(kinds[name], values[name]))
    if bad:
        message = f"The following parameter values are incompatible with their definitions: {', '.join(bad)}"
        raise Abort(400, message)
    missing = sorted(named(text) - set(values))
    if missing:
        error = f"Missing parameter value for: {', '.join(missing)}"
        raise Abort(400, error, {"job": {"status": 4, "error": error}})


def has_bad_default(options: Row) -> bool:
    """Whether the scheduler can't run it: a dynamic default is resolved by browsers alone."""
    return any(not _fits(one, one.get("value")) for one in definitions(options))


def _fits(definition: Row, value: Any) -> bool:
    kind = definition.get("type", "text")
    if kind == "number":
        return _is_number(value)
    if kind == "enum":
        allowed = str(definition.get("enumOptions") or "").split("\n")
        values = value if isinstance(value, list) and definition.get("multiValuesOptions") else [value]
        return all(one in allowed for one in values)
    if kind == "text-pattern":
        return isinstance(value, str) and re.fullmatch(definition.get("regex") or "", value) is not None
    if kind in _RANGE:
        parts = isinstance(value, dict) and {"start", "end"} <= set(value)
        return parts and all(_is_moment(_RANGE[kind], value[part]) for part in ("start", "end"))
    return _is_moment(kind, value) if kind in _MOMENT else isinstance(value, str)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _is_moment(kind: str, value: Any) -> bool:
    try:
        datetime.strptime(value, _MOMENT[kind])  # noqa: DTZ007
    except (TypeError, ValueError):
        return False
    return True
