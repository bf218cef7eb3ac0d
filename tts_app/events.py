"""What happened in the app, as values, and the one place that turns them into the bytes of a log line.

The fields of each dataclass are the keys of docs/log-format.md in their order; `v` and `event` go in front.
Pure: clock, randomness, writer and sequence number come in as arguments.
"""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass
from typing import Any, ClassVar

from structlog.processors import JSONRenderer

from tts_app.errors import EventInvalid

# The words of the line have one home, the file that others copy; here is where this program takes them from.
from tts_app.tts_line import EMOTION_LABELS as EMOTION_LABELS
from tts_app.tts_line import EMOTION_MODES as EMOTION_MODES
from tts_app.tts_line import EMOTIONS as EMOTIONS
from tts_app.tts_line import ERRORS as ERRORS
from tts_app.tts_line import FAULTS as FAULTS
from tts_app.tts_line import MARK_KINDS as MARK_KINDS
from tts_app.tts_line import MAX_LINE_BYTES, VERSION, Fault, Status
from tts_app.tts_line import SOURCES as SOURCES
from tts_app.tts_line import STAGES as STAGES
from tts_app.tts_line import STATUSES as STATUSES
from tts_app.tts_line import timestamp as timestamp
from tts_app.tts_line import uuid7 as uuid7

WARNINGS = ("mel_truncated", "emotion_ignored", "unknown_tokens", "silent", "clipped", "instructions_ignored")


# Not frozen like the others: that would make it five times as slow to make, and one is made for each request.
@dataclass(slots=True, kw_only=True)
class RequestEvent:
    """One synthesis request, whatever became of it (`tts.request`). Nobody changes it once it is made."""

    EVENT: ClassVar[str] = "tts.request"

    ts: str
    writer_id: str = ""
    seq: int = 0
    request_id: str
    trace_id: str | None = None
    instance: str
    app_version: str
    source: str
    client_hash: str | None = None
    session_hash: str | None = None
    hash_key_id: str | None = None
    experiment: str | None = None
    variant: str | None = None
    sample_weight: float = 1.0
    status: Status
    fault: Fault
    http_status: int | None = None
    error_code: str | None = None
    error_stage: str | None = None
    error_type: str | None = None
    warnings: tuple[str, ...] | None = None
    attempt: int = 1
    engine: str
    engine_version: str | None = None
    model: str | None = None
    model_version: str | None = None
    vocoder: str | None = None
    precision: str | None = None
    device: str | None = None
    gpu_name: str | None = None
    gpu_uuid: str | None = None
    gpu_index: int | None = None
    worker: int | None = None
    worker_requests: int | None = None
    language: str = "und"
    speaker: str | None = None
    ref_cache_hit: bool | None = None
    text_chars: int = 0
    text_bytes: int = 0
    text_han_chars: int | None = None
    text_digit_chars: int | None = None
    text_space_chars: int | None = None
    text_tokens: int | None = None
    tokenizer: str | None = None
    segments: int | None = None
    repeat: bool | None = None
    repeat_age_seconds: float | None = None
    emotion: str = "neutral"
    emotion_mode: str = "none"
    emotion_intensity: float = 0.0
    emotion_vector: tuple[float, ...] | None = None
    emotion_applied: bool | None = None
    speed: float = 1.0
    stream: bool = False
    audio_seconds: float | None = None
    sample_rate_hz: int | None = None
    audio_bytes: int | None = None
    audio_format: str | None = None
    audio_rms_dbfs: float | None = None
    silence_ratio: float | None = None
    clipped_ratio: float | None = None
    queue_seconds: float | None = None
    synthesis_seconds: float | None = None
    encode_seconds: float | None = None
    first_audio_seconds: float | None = None
    total_seconds: float
    stage_seconds: dict[str, float] | None = None
    queue_depth: int = 0
    in_flight: int = 1
    cold_start: bool = False
    cache_hit: bool = False
    cpu_seconds: float | None = None
    rss_bytes: int | None = None
    gpu_seconds: float | None = None
    gpu_memory_peak_bytes: int | None = None
    gpu_memory_used_bytes: int | None = None
    gpu_memory_total_bytes: int | None = None
    gpu_utilization: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuReading:
    """One GPU since the last heartbeat; utilization 0-1, null where the driver can't tell."""

    index: int
    uuid: str
    name: str
    utilization_mean: float | None = None
    utilization_max: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatEvent:
    """The service is alive (`tts.heartbeat`): at start, every 30 s and at stop."""

    EVENT: ClassVar[str] = "tts.heartbeat"

    ts: str
    writer_id: str = ""
    seq: int = 0
    instance: str
    workers_configured: int
    workers_up: int
    in_flight: int
    queue_depth: int
    uptime_seconds: float
    requests: int
    sampled_out: int = 0
    failed_writes: int = 0
    rss_bytes: int | None = None
    gpus: tuple[GpuReading, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkEvent:
    """Something to draw on trends (`tts.mark`); `kind` is one of MARK_KINDS."""

    EVENT: ClassVar[str] = "tts.mark"

    ts: str
    writer_id: str = ""
    seq: int = 0
    instance: str
    kind: str
    label: str


Event = RequestEvent | HeartbeatEvent | MarkEvent

_RENDER = JSONRenderer(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

_NULLABLE: dict[type, tuple[tuple[str, bool], ...]] = {
    kind: tuple((field.name, field.default is None) for field in dataclasses.fields(kind))
    for kind in (RequestEvent, HeartbeatEvent, MarkEvent)
}


# Values that are written as they are; the others are looked into.
_PLAIN = frozenset((str, int, bool, type(None)))


def stamped(event: Event, writer_id: str, seq: int) -> Event:
    """`event` with the key that its writer gives it."""
    return dataclasses.replace(event, writer_id=writer_id, seq=seq)


def encode(event: Event, writer_id: str | None = None, seq: int | None = None) -> bytes:
    """The JSON text of the log line, without newline: keys in the order of the table, null keys left out.

    A figure that is NaN or infinite becomes null where the key may be null. `writer_id` and `seq` stand in for those of
    the event: what `encode(stamped(…))` gives, without a copy.

    Raises:
        EventInvalid: a required figure is not finite, a text is not Unicode, or the line is above 256 KiB.
    """
    line: dict[str, Any] = {"v": VERSION, "event": event.EVENT}
    for name, nullable in _NULLABLE[type(event)]:
        value = getattr(event, name)
        if type(value) not in _PLAIN:
            value = _finite(value)
        if value is not None:
            line[name] = value
        elif not nullable:
            raise EventInvalid(f"{event.EVENT}: {name} must be a finite value")
    if writer_id is not None:
        line |= {"writer_id": writer_id, "seq": seq}
    try:
        text = str(_RENDER(None, "", line)).encode()
    except (ValueError, TypeError) as exc:
        raise EventInvalid(f"{event.EVENT} can't be written as JSON: {type(exc).__name__}") from exc
    if len(text) > MAX_LINE_BYTES:
        raise EventInvalid(f"{event.EVENT}: a line of {len(text)} bytes is above {MAX_LINE_BYTES}")
    return text


def _finite(value: Any) -> Any:
    """`value` for JSON; null instead of a NaN, and instead of a list that holds one. Objects lose the key."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, GpuReading):
        return {field.name: _finite(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if _finite(item) is not None}
    if isinstance(value, (list, tuple)):
        items = [_finite(item) for item in value]
        return None if any(item is None for item in items) else items
    return value


_TS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_CLOSED = {
    "source": SOURCES,
    "status": STATUSES,
    "fault": FAULTS,
    "error_code": (None, *ERRORS),
    "error_stage": (None, *STAGES),
    "emotion": EMOTION_LABELS,
    "emotion_mode": EMOTION_MODES,
    "kind": MARK_KINDS,
}


def violations(event: Event) -> list[str]:
    """The laws of docs/log-format.md that `event` breaks, each as a short sentence; empty when it keeps them all."""
    found = [] if _TS.fullmatch(event.ts) else ["ts is not UTC with six decimals"]
    found += [
        f"{name} is not in its closed set"
        for name, allowed in _CLOSED.items()
        if hasattr(event, name) and getattr(event, name) not in allowed
    ]
    try:
        encode(event)
    except EventInvalid as exc:
        found.append(str(exc))
    return found + _request_violations(event) if isinstance(event, RequestEvent) else found


def _request_violations(event: RequestEvent) -> list[str]:
    ok = event.status == "ok"
    spoke = event.cache_hit or (event.audio_seconds or 0) > 0
    busy = (event.queue_seconds or 0) + (event.synthesis_seconds or 0)
    stages = sum((event.stage_seconds or {}).values())
    vector = event.emotion_vector
    laws = {
        "ok without audio": not ok or spoke,
        "ok with an error code": not ok or event.error_code is None,
        "ok with a fault": not ok or event.fault == "none",
        "not ok without an error code": ok or event.error_code is not None,
        "not ok without a fault": ok or event.fault != "none",
        "queue and synthesis above total": busy <= event.total_seconds * 1.01,
        "stages above synthesis": event.stage_seconds is None or stages <= (event.synthesis_seconds or 0) * 1.01,
        "fewer bytes than characters": event.text_bytes >= event.text_chars,
        "a cache hit with synthesis_seconds": not event.cache_hit or event.synthesis_seconds is None,
        "emotion_vector is not of 8": vector is None or len(vector) == len(EMOTIONS),
        "emotion_intensity outside 0-1": 0 <= event.emotion_intensity <= 1,
        "warnings outside their closed set": set(event.warnings or ()) <= set(WARNINGS),
    }
    return [law for law, kept in laws.items() if not kept]
