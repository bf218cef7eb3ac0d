"""The figures of a request as the page gets them."""

from __future__ import annotations

from typing import Any

from tts_app.figures import figures_of
from tts_app.requestlog import Caller, RequestLog


def steps(requests: RequestLog, clock: Any, total: float, **figures: Any) -> list[tuple[str, float]]:
    line = requests.open(Caller(source="webui"))
    clock.now += total
    line.note(**figures)
    return [(step["name"], step["seconds"]) for step in figures_of(line.close())["steps"]]


def test_the_steps_add_up_to_the_whole(requests: RequestLog, clock: Any) -> None:
    """The engine's own stages, what it did besides them, and the way to the client."""
    stages = {"gpt": 0.6, "vocoder": 0.2}

    assert steps(
        requests, clock, 2.0, queue_seconds=0.5, synthesis_seconds=1.0, encode_seconds=0.25, stage_seconds=stages
    ) == [("queue", 0.5), ("gpt", 0.6), ("vocoder", 0.2), ("rest", 0.2), ("encode", 0.25), ("deliver", 0.25)]


def test_an_engine_without_stages_has_one_bar(requests: RequestLog, clock: Any) -> None:
    """And a step of which nothing is known has none."""
    assert steps(requests, clock, 1.5, synthesis_seconds=1.0) == [("synthesis", 1.0), ("deliver", 0.5)]


def test_no_bar_is_below_nothing(requests: RequestLog, clock: Any) -> None:
    """A stream encodes while its engine works: the parts may add up to more than the whole."""
    assert steps(requests, clock, 1.0, synthesis_seconds=0.9, encode_seconds=0.4)[-1] == ("deliver", 0.0)


def test_what_is_not_known_is_null(requests: RequestLog, clock: Any) -> None:
    """Never a zero; and nothing is there of who asked."""
    line = requests.open(Caller(source="webui", client="somebody", request_id="r-1"))
    clock.now += 0.5

    assert figures_of(line.close()) == {
        "request_id": "r-1",
        "engine": "espeak",
        "language": "und",
        "speaker": None,
        "text_chars": 0,
        "text_tokens": None,
        "segments": None,
        "emotion": "neutral",
        "emotion_mode": "none",
        "emotion_applied": None,
        "audio_seconds": None,
        "sample_rate_hz": None,
        "synthesis_seconds": None,
        "first_audio_seconds": None,
        "total_seconds": 0.5,
        "cold_start": False,
        "worker": None,
        "warnings": [],
        "rtf": None,
        "steps": [{"name": "deliver", "seconds": 0.5}],
    }
