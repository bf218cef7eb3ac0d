"""The last 24 hours, counted from events and from the end of a log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tts_app.events import RequestEvent, encode, timestamp
from tts_app.recent import TAIL_BYTES, Recent, percentile

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC).timestamp()
HOUR = 3600


def event(ago: float = 60.0, **more: Any) -> RequestEvent:
    usual: dict[str, Any] = {
        "ts": timestamp(datetime.fromtimestamp(NOW - ago, UTC)),
        "request_id": "r",
        "instance": "test",
        "app_version": "1",
        "source": "api",
        "status": "ok",
        "fault": "none",
        "engine": "espeak",
        "language": "zh",
        "text_chars": 12,
        "audio_seconds": 3.0,
        "synthesis_seconds": 0.3,
        "first_audio_seconds": 0.1,
        "total_seconds": 0.4,
    }
    return RequestEvent(**(usual | more))


def refused(ago: float = 60.0, code: str = "EMPTY_TEXT", **more: Any) -> RequestEvent:
    nothing = {"audio_seconds": None, "synthesis_seconds": None, "first_audio_seconds": None, "total_seconds": 9.0}
    return event(ago, **({"status": "error", "fault": "client", "error_code": code} | nothing | more))


def seen(*events: RequestEvent, most: int = 100) -> Recent:
    """What is kept of events that ended one after the other, each at its own time."""
    times = [datetime.fromisoformat(each.ts).timestamp() + each.total_seconds for each in events]
    moments = iter([NOW, *times])
    recent = Recent(now=lambda: next(moments, NOW), most=most)
    for each in events:
        recent.add(each)
    return recent


def summary(*events: RequestEvent) -> dict[str, Any]:
    return seen(*events).summary()


def test_requests_are_counted_by_engine_emotion_and_code() -> None:
    """Success is of all requests; waits are of those that were spoken, up to their first sound."""
    found = summary(
        event(first_audio_seconds=0.1),
        event(first_audio_seconds=0.3, emotion="happy"),
        event(first_audio_seconds=None, total_seconds=0.5, engine="indextts2", emotion="happy"),
        refused(),
    )

    assert found["all"] == {"name": "", "requests": 4, "success": 0.75, "p50": 0.3, "p95": pytest.approx(0.48)}
    assert [(group["name"], group["requests"], group["success"]) for group in found["engines"]] == [
        ("espeak", 3, pytest.approx(2 / 3)),
        ("indextts2", 1, 1.0),
    ]
    assert [(group["name"], group["requests"]) for group in found["emotions"]] == [("happy", 2), ("neutral", 2)]
    assert found["errors"] == [{"code": "EMPTY_TEXT", "requests": 1}]


def test_what_is_older_than_a_day_no_longer_counts() -> None:
    """Also in the hours, of which the running one is the last."""
    found = summary(event(25 * HOUR), event(23 * HOUR), refused(60))

    assert found["all"]["requests"] == 2
    assert (found["hours"][0], found["hours"][-1]) == (
        {"start": "2026-11-23T13:00:00Z", "ok": 1, "failed": 0},
        {"start": "2026-11-24T12:00:00Z", "ok": 0, "failed": 1},
    )
    assert len(found["hours"]) == 24


def test_nothing_is_known_of_nothing() -> None:
    """Null, not zero; and since when is the start."""
    found = summary()

    assert found["all"] == {"name": "", "requests": 0, "success": None, "p50": None, "p95": None}
    assert (found["since"], found["pace"]) == ("2026-11-24T12:30:00Z", {})


def test_the_pace_is_of_speed_one_and_needs_some_requests() -> None:
    """Characters a second of each language, and the engine's RTF, as medians of at least three."""
    found = summary(
        event(audio_seconds=3.0, speed=1.0),
        event(audio_seconds=1.5, speed=2.0, synthesis_seconds=0.15),
        event(audio_seconds=1.5, speed=2.0, synthesis_seconds=0.15, text_tokens=6),
        event(language="en"),
    )["pace"]

    assert found == {
        "espeak": {
            "rtf": pytest.approx(0.1),
            "languages": {
                "zh": {"chars_a_second": 4.0, "tokens_a_char": None},
                "en": {"chars_a_second": None, "tokens_a_char": None},
            },
        }
    }


def test_a_start_takes_over_what_the_log_knows(tmp_path: Path) -> None:
    """Requests alone, in their order before the new ones; whatever is no line of ours is passed over."""
    log = tmp_path / "tts.log"
    good = [encode(event(2 * HOUR)), encode(refused(HOUR)), encode(event(30 * HOUR))]
    broken = [
        b"\xff\xfe",
        b"[]",
        b'{"event":"tts.heartbeat"}',
        encode(event()).replace(b'"zh"', b"7"),
        json.dumps({"event": "tts.request", "ts": "yesterday"}).encode(),
    ]
    log.write_bytes(b"\n".join([good[2], *broken, *good[:2], b'{"event":"tts.requ']))
    recent = seen(event(5))
    recent.read_back(log)

    assert [round(NOW - each.at) for each in recent.requests()] == [2 * HOUR, HOUR, 5]
    assert recent.summary()["since"] == "2026-11-23T12:30:00Z"


def test_of_a_long_log_only_the_end_is_read(tmp_path: Path) -> None:
    """A cut first line is no line, and since when says how far back it goes."""
    log = tmp_path / "tts.log"
    line = encode(event(3 * HOUR)) + b"\n"
    log.write_bytes(line * (TAIL_BYTES // len(line) + 10) + encode(event(HOUR)) + b"\n")
    recent = Recent(now=lambda: NOW)
    recent.read_back(log)

    assert len(recent.requests()) == (TAIL_BYTES - len(encode(event(HOUR))) - 1) // len(line) + 1
    assert recent.summary()["since"] == "2026-11-24T09:30:00Z"


def test_a_log_that_is_not_there_is_no_failure(tmp_path: Path) -> None:
    """The first start has none."""
    recent = Recent(now=lambda: NOW)
    recent.read_back(tmp_path / "none.log")

    assert recent.summary()["all"]["requests"] == 0


def test_where_more_came_than_is_kept_since_when_moves_on() -> None:
    """The oldest go first."""
    found = summary(*[event(2 * HOUR)] * 5, *[event(HOUR)] * 99, event(60))

    assert (found["all"]["requests"], found["since"]) == (100, "2026-11-24T11:30:00Z")


@pytest.mark.parametrize(("part", "value"), [(0.0, 1.0), (0.5, 2.5), (1.0, 4.0), (0.95, 3.85)])
def test_a_percentile_lies_between_its_neighbours(part: float, value: float) -> None:
    """As SQL's percentile_cont has it."""
    assert percentile([1.0, 2.0, 3.0, 4.0], part) == pytest.approx(value)
