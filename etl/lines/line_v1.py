"""A line of version 1, decoded from JSON, becomes a record or a reject. Pure.

The types of all values are looked up at once: lines of one service repeat a few dozen combinations of types, so a
combination is checked key by key only the first time that it is met.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, NamedTuple

import msgspec

from etl.lines.fields import EVENTS, Field
from etl.lines.laws import breaks_law
from etl.lines.limits import has_big_int
from etl.lines.moments import LocalTime, is_suspect
from etl.lines.outcomes import Outcome, Record, Reject, Skipped

VERSION = 1
_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1
_NONE = type(None)
_WRITER = re.compile(r"[0-9a-f]{32}")
_COMBINATIONS_KEPT = 10_000

_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "strings": (list,),
    "floats": (list,),
    "numbers": (dict,),
    "objects": (list,),
}
_TS, _WRITER_ID, _SEQ = range(3)

to_json = msgspec.json.Encoder().encode


class _Plan(NamedTuple):
    """What is to be done with values of one combination of types."""

    reject: Reject | None
    wrong: tuple[int, ...]
    ints: tuple[int, ...]
    containers: tuple[tuple[int, str], ...]


class _Event:
    """The fields of one event, prepared."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.table, self.fields = EVENTS[name]
        self.names = tuple(field.name for field in self.fields)
        self.known = frozenset({*self.names, "v", "event"})
        self.plans: dict[tuple[type, ...], _Plan] = {}

    def plan(self, values: tuple[object, ...]) -> _Plan:
        types = tuple(map(type, values))
        found = self.plans.get(types)
        if found is None:
            if len(self.plans) >= _COMBINATIONS_KEPT:
                self.plans.clear()
            found = self.plans[types] = _plan(self.fields, types)
        return found


class LineV1:
    """Decodes the JSON objects that say `v`."""

    def __init__(self, local_time: LocalTime) -> None:
        self._local = local_time
        self._events = {name: _Event(name) for name in EVENTS}

    def decode(self, line: bytes, found: dict[str, Any], offset: int) -> Outcome:
        """`found` is the object in `line`, which stands at `offset`; Skipped for an event this version doesn't know."""
        version, name = found["v"], found.get("event")
        if type(version) is not int:
            return Reject("wrong_type", "v is no whole number")
        if version != VERSION:
            return Reject("unsupported_version", f"this tts-etl reads version {VERSION}")
        if type(name) is not str:
            return Reject("missing_key" if name is None else "wrong_type", "event")
        event = self._events.get(name)
        if event is None:
            return Skipped()
        values = tuple(map(found.get, event.names))
        plan = event.plan(values)
        if plan.reject is not None:
            return plan.reject
        return self._record(event, plan, _Line(line, found, values, offset))

    def _record(self, event: _Event, plan: _Plan, line: _Line) -> Record | Reject:
        values, extra = line.values, None
        if plan.wrong or plan.containers or not event.known.issuperset(line.found):
            if _holds_big_int(event, plan, line):
                return Reject("number_range", "a whole number needs more than 64 bits")
            values, extra = _with_extra(event, plan, line)
        local_at = self._local.of(values[_TS])
        refused = _refused_head(values, local_at) or _refused_numbers(event, plan, values)
        if refused is not None:
            return refused
        ts = values[_TS]
        columns = (ts[:10], local_at, *values, hashlib.sha256(line.text).digest(), line.offset, extra)
        return Record(event.table, columns, event.name == "tts.request" and breaks_law(line.found))


class _Line(NamedTuple):
    text: bytes
    found: dict[str, Any]
    values: tuple[Any, ...]
    offset: int


def _plan(fields: tuple[Field, ...], types: tuple[type, ...]) -> _Plan:
    wrong, ints, containers = [], [], []
    for index, (field, kind) in enumerate(zip(fields, types, strict=True)):
        if kind is _NONE:
            if field.required:
                return _Plan(Reject("missing_key", field.name), (), (), ())
        elif kind not in _TYPES[field.kind]:
            if field.required:
                return _Plan(Reject("wrong_type", f"{field.name} must be {field.kind}"), (), (), ())
            wrong.append(index)
        elif kind is int:
            ints.append(index)
        elif kind in (list, dict):
            containers.append((index, field.kind))
    return _Plan(None, tuple(wrong), tuple(ints), tuple(containers))


def _refused_head(values: tuple[Any, ...], local_at: str | None) -> Reject | None:
    ts, writer, seq = values[_TS], values[_WRITER_ID], values[_SEQ]
    if local_at is None:
        return Reject("wrong_type", "ts must be YYYY-MM-DDTHH:MM:SS.ffffffZ")
    if is_suspect(ts):
        return Reject("ts_suspect", "ts lies outside of 2020 to 2099")
    if _WRITER.fullmatch(writer) is None:
        return Reject("wrong_type", "writer_id must be 32 hex digits")
    if seq < 1:
        return Reject("wrong_type", "seq must be 1 or more")
    return None


def _refused_numbers(event: _Event, plan: _Plan, values: tuple[Any, ...]) -> Reject | None:
    for index in plan.ints:
        if not _INT_MIN <= values[index] <= _INT_MAX:
            return Reject("number_range", f"{event.names[index]} needs more than 64 bits")
    return None


def _holds_big_int(event: _Event, plan: _Plan, line: _Line) -> bool:
    aside = [line.values[index] for index in plan.wrong] + [line.values[index] for index, _ in plan.containers]
    return has_big_int(aside) or any(has_big_int(line.found[key]) for key in line.found.keys() - event.known)


def _with_extra(event: _Event, plan: _Plan, line: _Line) -> tuple[tuple[Any, ...], str | None]:
    """The values with lists and objects as JSON text and wrong ones as null, and the JSON text of what is kept aside."""
    values = list(line.values)
    bad: dict[str, Any] = {}
    for index in plan.wrong:
        bad[event.names[index]], values[index] = values[index], None
    for index, kind in plan.containers:
        if _well_formed(kind, values[index]):
            values[index] = to_json(values[index]).decode()
        else:
            bad[event.names[index]], values[index] = values[index], None
    extra = {key: value for key, value in line.found.items() if key not in event.known}
    if bad:
        extra["_bad"] = {**bad, "_bad": extra["_bad"]} if "_bad" in extra else bad
    return tuple(values), to_json(extra).decode() if extra else None


def _well_formed(kind: str, value: Any) -> bool:
    match kind:
        case "strings":
            return all(type(item) is str for item in value)
        case "floats":
            return len(value) == 8 and all(type(item) in (float, int) for item in value)
        case "numbers":
            return all(type(item) in (float, int) for item in value.values())
        case _:
            return all(type(item) is dict for item in value)
