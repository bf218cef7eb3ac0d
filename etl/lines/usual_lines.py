"""The usual request line, decoded and checked at one go: every key known and of its type. Pure.

It only takes what the ordinary road (etl.lines.line_v1) would make the same record of, and leaves everything else to that.
"""

from __future__ import annotations

import hashlib
import re
from operator import attrgetter
from typing import Annotated, Any, Literal

import msgspec

from etl.lines.fields import REQUEST, Field
from etl.lines.laws import Lawful, breaks
from etl.lines.moments import LocalTime, is_suspect
from etl.lines.outcomes import Record

_Int = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Float = float | _Int
_TYPES: dict[str, Any] = {
    "str": str,
    "int": _Int,
    "float": _Float,
    "bool": bool,
    "strings": list[str],
    "floats": Annotated[list[_Float], msgspec.Meta(min_length=8, max_length=8)],
    "numbers": dict[str, _Float],
}
_WRITER = re.compile(r"[0-9a-f]{32}")
_CONTAINERS = [field.name for field in REQUEST if field.kind in ("strings", "floats", "numbers")]
_EMPTY: dict[type, str] = {list: "[]", dict: "{}"}
_lawful = attrgetter(*Lawful._fields[:-1])

_to_json = msgspec.json.Encoder().encode
_values = msgspec.structs.astuple


def _member(field: Field) -> tuple[Any, ...]:
    kind = _TYPES[field.kind]
    return (field.name, kind) if field.required else (field.name, kind | None, None)


_Line: Any = msgspec.defstruct(
    "_Line",
    [*map(_member, REQUEST), ("v", Literal[1]), ("event", Literal["tts.request"])],
    kw_only=True,
    forbid_unknown_fields=True,
    gc=False,
)


class UsualLines:
    """Decodes request lines that have nothing unusual in them."""

    def __init__(self, local_time: LocalTime) -> None:
        self._local_at = local_time.of
        self._decode = msgspec.json.Decoder(_Line).decode

    def decode(self, line: bytes, offset: int) -> Record | None:
        """The record of a line (without its newline) at `offset`; None where the ordinary road must look at it."""
        try:
            found = self._decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        ts = found.ts
        local_at = self._local_at(ts)
        if local_at is None or is_suspect(ts) or found.seq < 1 or _WRITER.fullmatch(found.writer_id) is None:
            return None
        stages = None if found.stage_seconds is None else sum(found.stage_seconds.values())
        lawless = breaks((*_lawful(found), stages))
        for name in _CONTAINERS:
            value = getattr(found, name)
            if value is not None:
                setattr(found, name, _to_json(value).decode() if value else _EMPTY[type(value)])
        columns = (ts[:10], local_at, *_values(found)[:-2], hashlib.sha256(line).digest(), offset, None)
        return Record("tts_request", columns, lawless)
