"""The parameters of a query, as Redash knows them: their definition, their values, and how values get into the SQL.

Redash escapes nothing, so a value reaches the SQL only after its declared type has accepted it. There is no type
`text`: it would let anyone who may look at a dashboard write SQL (trap T11).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from redash.errors import ParameterError
from redash.specs.texts import Model, Title

Given = str | dict[str, str]

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)\s*\}\}")
ALL = "%"

DYNAMIC = (
    "d_today",
    "d_yesterday",
    "d_this_week",
    "d_this_month",
    "d_last_hour",
    "d_last_24_hours",
    "d_last_7_days",
    "d_last_14_days",
    "d_last_30_days",
    "d_last_60_days",
    "d_last_90_days",
)
_SECONDS = "%Y-%m-%d %H:%M:%S"
_FORMATS = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%d %H:%M", "datetime-local": "%Y-%m-%d %H:%M"}


class NumberParameter(Model):
    """`{{ name }}`, without quotes."""

    type: Literal["number"]
    title: Title
    default: int | float


class EnumParameter(Model):
    """One of a fixed list."""

    type: Literal["enum"]
    title: Title
    options: list[str] = Field(min_length=1)
    default: str


class QueryParameter(Model):
    """One of what another query returns: its columns `name` and `value`."""

    type: Literal["query"]
    title: Title
    query: str
    default: str


class DateParameter(Model):
    """A day or a moment, in the report time zone."""

    type: Literal["date", "datetime-local", "datetime-with-seconds"]
    title: Title
    default: str


class Range(Model):
    """A fixed range of days or moments, in the report time zone."""

    start: str
    end: str


class RangeParameter(Model):
    """`{{ name.start }}` and `{{ name.end }}`; `d_…` names are resolved by the one who looks, never by a schedule."""

    type: Literal["date-range", "datetime-range", "datetime-range-with-seconds"]
    title: Title
    default: str | Range


Parameter = Annotated[
    NumberParameter | EnumParameter | QueryParameter | DateParameter | RangeParameter, Field(discriminator="type")
]


def placeholders_of(name: str, parameter: Parameter) -> set[str]:
    """The placeholders that a query with this parameter may hold."""
    return {f"{name}.start", f"{name}.end"} if isinstance(parameter, RangeParameter) else {name}


def default_of(parameter: Parameter) -> Given:
    """The value that is used where none is given."""
    if isinstance(parameter.default, Range):
        return {"start": parameter.default.start, "end": parameter.default.end}
    return str(parameter.default)


def merged(name: str, default: Given, given: Mapping[str, str], now: datetime) -> Given:
    """What the user gave for a parameter (`name`, or `name.start` and `name.end`) over its default.

    A `d_…` name becomes the range it stands for at `now`, a local time of the report time zone.
    """
    value: Given = given.get(name) or default
    if isinstance(value, str) and value.startswith("d_"):
        value = dynamic_range(value, now)
    parts = {part: given[f"{name}.{part}"] for part in ("start", "end") if given.get(f"{name}.{part}")}
    if not parts:
        return value
    return {**(value if isinstance(value, dict) else {}), **parts}


def accepted(name: str, parameter: Parameter, value: Given, choices: Sequence[str]) -> dict[str, str]:
    """The placeholders and the texts that stand for them; raises ParameterError for what the type refuses.

    `choices` are the values that the query of a QueryParameter returned.
    """
    if isinstance(parameter, RangeParameter):
        return _range(name, parameter, value)
    if not isinstance(value, str):
        raise ParameterError(f"parameter {name} is no range: it has no start and end")
    if isinstance(parameter, NumberParameter):
        return {name: _number(name, value)}
    if isinstance(parameter, DateParameter):
        return {name: _moment(name, parameter.type, value)}
    allowed = parameter.options if isinstance(parameter, EnumParameter) else choices
    if value not in allowed:
        raise ParameterError(f"parameter {name}: {value!r} is none of its values", _offered(allowed))
    if re.search(r"['\\\x00-\x1f]", value):
        raise ParameterError(f"parameter {name}: {value!r} can't be put into SQL", "rename it where it is configured")
    return {name: value}


def render(sql: str, values: Mapping[str, str]) -> str:
    """The SQL with its placeholders replaced by accepted values; raises ParameterError for an undeclared one."""

    def replace(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise ParameterError(f"the query uses {match[0]}, which it does not declare")
        return values[match[1]]

    return PLACEHOLDER.sub(replace, sql)


def dynamic_range(name: str, now: datetime) -> dict[str, str]:
    """What Redash's front end makes of a `d_…` name at the local time `now`; raises ParameterError for others."""
    if name not in DYNAMIC:
        raise ParameterError(f"{name!r} is no range that Redash knows", f"one of {', '.join(DYNAMIC)}")
    start, end = _dynamic_bounds(name, now)
    return {"start": start.strftime(_SECONDS), "end": end.strftime(_SECONDS)}


def _dynamic_bounds(name: str, now: datetime) -> tuple[datetime, datetime]:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    tonight = today + timedelta(days=1, seconds=-1)
    words = name.split("_")
    if words[-1] in ("hour", "hours"):
        return now - timedelta(hours=1 if words[-1] == "hour" else int(words[2])), now
    if words[-1] == "days":
        return today - timedelta(days=int(words[2])), tonight
    back = {"today": 0, "yesterday": 1, "week": today.weekday(), "month": today.day - 1}[words[-1]]
    start = today - timedelta(days=back)
    return start, start + timedelta(days=1, seconds=-1) if name == "d_yesterday" else tonight


def _range(name: str, parameter: RangeParameter, value: Given) -> dict[str, str]:
    if not isinstance(value, dict) or set(value) != {"start", "end"}:
        raise ParameterError(
            f"parameter {name} is a range",
            f"--param {name}.start=… --param {name}.end=…, or --param {name}=d_last_7_days",
        )
    kind = parameter.type.replace("-range", "")
    start, end = (_moment(f"{name}.{part}", kind, value[part]) for part in ("start", "end"))
    if end < start:
        raise ParameterError(f"parameter {name} ends at {end}, before it starts at {start}")
    return {f"{name}.start": start, f"{name}.end": end}


def _moment(name: str, kind: str, value: str) -> str:
    """The moment as Redash writes it: a blank, not a `T`, between day and time."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise ParameterError(f"parameter {name}: {value!r} is no date", "for example 2026-11-22T01:00:00") from error
    if moment.tzinfo is not None:
        raise ParameterError(f"parameter {name}: {value!r} names a zone", "give a local time of the report time zone")
    if kind == "date" and moment.time() != datetime.min.time():
        raise ParameterError(f"parameter {name}: {value!r} is no day")
    if _is_whole_day(value) and name.endswith(".end") and kind != "date":
        moment = datetime.combine(date.fromisoformat(value), datetime.max.time())
    return moment.strftime(_FORMATS.get(kind, _SECONDS))


def _is_whole_day(value: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None


def _number(name: str, value: str) -> str:
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", value):
        raise ParameterError(f"parameter {name}: {value!r} is no number")
    return value


def _offered(values: Sequence[str]) -> str:
    shown = ", ".join(values[:10]) + (", …" if len(values) > 10 else "")
    return f"one of: {shown}" if values else "its query returned no values"
