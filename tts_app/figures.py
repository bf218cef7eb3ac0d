"""What the page shows of a finished request: the steps that it took, one after the other, and its other figures. Pure."""

from __future__ import annotations

from typing import Any

from tts_app.events import RequestEvent

# Of what an engine did, a smaller part than this beside its stages is not worth a bar.
REST_RATIO = 0.02
_SHOWN = (
    "request_id",
    "engine",
    "language",
    "speaker",
    "text_chars",
    "text_tokens",
    "segments",
    "emotion",
    "emotion_mode",
    "emotion_applied",
    "audio_seconds",
    "sample_rate_hz",
    "synthesis_seconds",
    "first_audio_seconds",
    "total_seconds",
    "cold_start",
    "worker",
)


def figures_of(event: RequestEvent) -> dict[str, Any]:
    """The figures of `event` that people look at, under the names of the line, its `steps`, its warnings and its RTF."""
    rtf = None
    if event.synthesis_seconds is not None and event.audio_seconds:
        rtf = event.synthesis_seconds / event.audio_seconds
    return {
        **{name: getattr(event, name) for name in _SHOWN},
        "warnings": list(event.warnings or ()),
        "rtf": rtf,
        "steps": steps_of(event),
    }


def steps_of(event: RequestEvent) -> list[dict[str, Any]]:
    """Name and seconds of each step: queue, the engine's stages (`synthesis` where it names none), encode, deliver."""
    stages = dict(event.stage_seconds or {})
    rest = (event.synthesis_seconds or 0.0) - sum(stages.values())
    if not stages and event.synthesis_seconds is not None:
        stages = {"synthesis": event.synthesis_seconds}
    elif rest > REST_RATIO * (event.synthesis_seconds or 0.0):
        stages["rest"] = rest
    named = {"queue": event.queue_seconds, **stages, "encode": event.encode_seconds}
    known = {name: seconds for name, seconds in named.items() if seconds is not None}
    # What a stream encodes and hands over while its engine works on is a part of both.
    deliver = max(0.0, event.total_seconds - sum(known.values()))
    return [{"name": name, "seconds": round(seconds, 6)} for name, seconds in {**known, "deliver": deliver}.items()]
