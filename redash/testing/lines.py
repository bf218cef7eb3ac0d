"""The lines that the groups of a case stand for: valid v1 lines, the same ones each time. Pure."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any

from redash.testing.models import AsItIs, Failing, Heartbeats, Keys, Requests
from redash.testing.moments import moment, span

Line = dict[str, Any]

_REQUEST: Line = {
    "instance": "studio",
    "app_version": "1.0.0",
    "source": "api",
    "sample_weight": 1.0,
    "status": "ok",
    "fault": "none",
    "attempt": 1,
    "engine": "espeak",
    "language": "en",
    "speaker": "en-1",
    "text_chars": 40,
    "emotion": "neutral",
    "emotion_mode": "none",
    "emotion_intensity": 0.0,
    "speed": 1.0,
    "stream": False,
    "audio_seconds": 2.0,
    "synthesis_seconds": 0.5,
    "queue_depth": 0,
    "in_flight": 1,
    "cold_start": False,
    "cache_hit": False,
}
_FAILED: Line = {
    "status": "error",
    "fault": "service",
    "error_code": "SYNTH_FAILED",
    "audio_seconds": None,
    "synthesis_seconds": None,
}
_HEARTBEAT: Line = {
    "instance": "studio",
    "workers_configured": 1,
    "workers_up": 1,
    "in_flight": 0,
    "queue_depth": 0,
    "sampled_out": 0,
    "failed_writes": 0,
    "rss_bytes": 200_000_000,
    "gpus": [],
}
_HOUR_SECONDS = 3600


def written(group: Requests | Heartbeats | AsItIs, present: datetime, writer: str) -> list[str]:
    """The lines of a group, oldest first; `writer` tells its lines from those of other groups."""
    if isinstance(group, AsItIs):
        return [group.line] * group.times
    if isinstance(group, Requests):
        event, lines = "tts.request", _requests(group, present)
    else:
        event, lines = "tts.heartbeat", _heartbeats(group, present)
    writer_id = hashlib.sha256(writer.encode()).hexdigest()[:32]
    return [_encoded(event, writer_id, number, line) for number, line in enumerate(lines, 1)]


def stamp(at: datetime) -> str:
    """A moment in UTC as `ts` has it."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"


def _encoded(event: str, writer_id: str, number: int, line: Line) -> str:
    head = {"v": 1, "event": event, "ts": line["ts"], "writer_id": writer_id, "seq": number}
    return json.dumps({**head, **line}, ensure_ascii=False, separators=(",", ":"))


def _requests(group: Requests, present: datetime) -> Iterator[Line]:
    begin, end = moment(group.start, present), moment(group.end, present)
    number = group.requests or round((group.an_hour or 0) * (end - begin).total_seconds() / _HOUR_SECONDS)
    for index in range(number):
        # In the middle of its share of the time: none on an edge, where a window may end.
        at = begin + (end - begin) * (2 * index + 1) / (2 * number)
        yield {"ts": stamp(at), "request_id": f"r{index + 1}", **_request(group, index)}


def _request(group: Requests, index: int) -> Line:
    fails = group.failing is not None and _is_share(index, group.failing)
    own = _keys(group.keys, index)
    if group.failing is not None and fails:
        own |= _FAILED | _keys(group.failing.keys, index)
    line = {**_REQUEST, **own}
    line.setdefault("text_bytes", line["text_chars"])
    line.setdefault("total_seconds", (line.get("queue_seconds") or 0) + (line["synthesis_seconds"] or 0) + 0.01)
    return line


def _is_share(index: int, failing: Failing) -> bool:
    """Whether the line is among the share: evenly spread, and exact over the whole."""
    share = Fraction(str(failing.percent)) / 100
    return math.floor((index + 1) * share) > math.floor(index * share)


def _heartbeats(group: Heartbeats, present: datetime) -> Iterator[Line]:
    begin, end = moment(group.start, present), moment(group.end, present)
    every = span(group.heartbeats)
    for index in range(int((end - begin) / every) + 1):
        seconds = index * every.total_seconds()
        requests = int(Fraction(str(group.requests_an_hour)) * Fraction(seconds) / _HOUR_SECONDS)
        line = {**_HEARTBEAT, "uptime_seconds": seconds, "requests": requests, **_keys(group.keys, index)}
        yield {"ts": stamp(begin + index * every), **line}


def _keys(keys: Keys, index: int) -> Line:
    return {name: _value(value, index) for name, value in keys.items()}


def _value(value: Any, index: int) -> Any:
    if isinstance(value, dict) and set(value) == {"cycle"}:
        return value["cycle"][index % len(value["cycle"])]
    if isinstance(value, dict) and set(value) == {"from", "step"}:
        return round(value["from"] + value["step"] * index, 9)
    return value
