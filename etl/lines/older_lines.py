"""The two forms of request lines from before version 1, which carry five fields and a local time. Pure.

    [2025-04-05 10:23:45] INFO - TextLen=120, Emotion=happy, Duration=2.3s, Success=True
    {"time": "2025-04-05T10:23:45", "text_len": 120, "emotion": "happy", "duration": 2.3, "success": true}

Some copies of the first form lack the `=` signs.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from etl.lines.fields import REQUEST
from etl.lines.limits import has_big_int
from etl.lines.line_v1 import to_json
from etl.lines.moments import LocalTime, is_suspect, utc_of_local
from etl.lines.outcomes import Record, Reject

_START = re.compile(rb"\s*\[\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[^\]]{0,8}\]\s+\w+\s+-\s+TextLen")
_WHOLE = re.compile(
    r"\s*\[(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[.,](\d{1,6}))?\]\s+\w+\s+-\s+"
    r"TextLen[=:]?\s*(\d{1,18}),\s*Emotion[=:]?\s*([^,]*?),\s*"
    r"Duration[=:]?\s*(\d{1,18}(?:\.\d{1,18})?)s?,\s*Success[=:]?\s*(True|False)\s*",
    re.ASCII,
)
_NAMES = ("TextLen", "Emotion", "Duration", "Success")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?", re.ASCII)
_KEYS: dict[str, tuple[type, ...]] = {
    "time": (str,),
    "text_len": (int,),
    "emotion": (str,),
    "duration": (float, int),
    "success": (bool,),
}
_COLUMNS = tuple(field.name for field in REQUEST)


class _Five(NamedTuple):
    """The five fields of both forms."""

    day: str
    time: str
    chars: int
    emotion: str
    seconds: float
    success: bool


class OlderLines:
    """Decodes the older forms of one source, whose lines carry the local time of `zone`."""

    def __init__(self, zone: ZoneInfo, local_time: LocalTime) -> None:
        self._zone = zone
        self._local = local_time

    def decode_text(self, line: bytes, offset: int, preamble: bytes) -> Record | Reject:
        """A line of the first form; `preamble` as in `writer_of`."""
        text = line.decode("utf-8")
        found = _WHOLE.fullmatch(text)
        if found is None:
            missing = [name for name in _NAMES if name not in text]
            return Reject("missing_key", missing[0]) if missing else Reject("wrong_type", "a value can't be read")
        day, time, fraction, chars, emotion, seconds, success = found.groups()
        five = _Five(day, _with_fraction(time, fraction), int(chars), emotion, float(seconds), success == "True")
        return self._record(line, five, None, (offset, preamble))

    def decode_json(self, line: bytes, found: dict[str, Any], place: tuple[int, bytes]) -> Record | Reject:
        """A line of the second form, as the object `found`; `place` is its offset and the preamble."""
        for name, types in _KEYS.items():
            if found.get(name) is None:
                return Reject("missing_key", name)
            if type(found[name]) not in types:
                return Reject("wrong_type", f"{name} must be {types[0].__name__}")
        moment = _TIME.fullmatch(found["time"])
        if moment is None:
            return Reject("wrong_type", "time must be YYYY-MM-DDTHH:MM:SS")
        if found["text_len"] < 0 or has_big_int(found):
            return Reject("number_range", "a whole number is below 0 or needs more than 64 bits")
        time = _with_fraction(moment[2], moment[3])
        seconds = float(found["duration"])
        five = _Five(moment[1], time, found["text_len"], found["emotion"], seconds, found["success"])
        extra = {key: value for key, value in found.items() if key not in _KEYS}
        return self._record(line, five, to_json(extra).decode() if extra else None, place)

    def _record(self, line: bytes, five: _Five, extra: str | None, place: tuple[int, bytes]) -> Record | Reject:
        offset, preamble = place
        ts = utc_of_local(five.day, five.time, self._zone)
        if ts is None or not math.isfinite(five.seconds):
            return Reject("wrong_type", "there is no such time" if ts is None else "the duration is not finite")
        if is_suspect(five.day) or is_suspect(ts):
            return Reject("ts_suspect", "the time lies outside of 2020 to 2099")
        known = {
            "ts": ts,
            "writer_id": writer_of(preamble, line),
            "seq": offset,
            "status": "ok" if five.success else "error",
            "fault": "none" if five.success else "service",
            "error_code": None if five.success else "UNKNOWN",
            "text_chars": five.chars,
            "emotion": five.emotion,
            "total_seconds": five.seconds,
        }
        values = tuple(map(known.get, _COLUMNS))
        columns = (five.day, self._local.of(ts), *values, hashlib.sha256(line).digest(), offset, extra)
        return Record("tts_request", columns, breaks_law=False)


def starts_like_one(line: bytes) -> bool:
    """Whether a line starts like a request of the first form."""
    return _START.match(line) is not None


def preamble_of(source_id: str, first_bytes: Iterable[bytes]) -> bytes:
    """What tells one older stream from another: its source and all bytes through its first request line."""
    digest = hashlib.sha256(source_id.encode() + b"\0")
    for part in first_bytes:
        digest.update(part)
    return digest.digest()


def writer_of(preamble: bytes, line: bytes) -> str:
    """The writer_id of an older line: two services that print the same banner don't collide."""
    return "s:" + hashlib.sha256(preamble + line).hexdigest()[:16]


def _with_fraction(time: str, fraction: str | None) -> str:
    return f"{time}.{fraction:0<6}" if fraction else time
