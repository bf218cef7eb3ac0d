"""One line for each request, with hashes instead of names, and the first error's code."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_app.errors import RequestFailed
from tts_app.events import ERRORS, RequestEvent, violations
from tts_app.requestlog import Caller, RequestLog, Sample

CALLER = Caller(source="openai", client="10.0.0.1", session="s-1", request_id="r-1")


def test_a_good_request_is_one_line(requests: RequestLog, lines: Any, clock: Any) -> None:
    """What was noted stands in the line, with the seconds from acceptance to close; closing again adds nothing."""
    line = requests.open(CALLER)
    clock.now += 1.5
    line.note(audio_seconds=2.0, language="zh")
    line.close()
    line.close()

    [written] = lines.all()
    assert written | {"client_hash": "", "session_hash": "", "hash_key_id": ""} == {
        "v": 1,
        "event": "tts.request",
        "ts": "2026-11-22T01:02:03.000004Z",
        "writer_id": "a" * 32,
        "seq": 1,
        "request_id": "r-1",
        "instance": "test",
        "app_version": "9.9",
        "source": "openai",
        "client_hash": "",
        "session_hash": "",
        "hash_key_id": "",
        "sample_weight": 1.0,
        "status": "ok",
        "fault": "none",
        "attempt": 1,
        "engine": "espeak",
        "language": "zh",
        "text_chars": 0,
        "text_bytes": 0,
        "emotion": "neutral",
        "emotion_mode": "none",
        "emotion_intensity": 0.0,
        "speed": 1.0,
        "stream": False,
        "audio_seconds": 2.0,
        "total_seconds": 1.5,
        "queue_depth": 0,
        "in_flight": 1,
        "cold_start": False,
        "cache_hit": False,
    }
    assert len(written["client_hash"]) == len(written["session_hash"]) == 16
    assert "10.0.0.1" not in lines.path.read_text()
    assert requests.in_flight == 0


def test_requests_in_flight_count_each_other(requests: RequestLog, lines: Any) -> None:
    """The second one sees two, the third, after one has ended, two again."""
    first, second = requests.open(CALLER), requests.open(CALLER)
    first.close()
    third = requests.open(CALLER)
    second.close()
    third.close()

    assert [line["in_flight"] for line in lines.all()] == [1, 2, 2]
    assert requests.requests == 3


@pytest.mark.parametrize("given", ["r 1", "x" * 65, "r\n1", "名", "", None, "../x"])
def test_a_bad_request_id_is_replaced(requests: RequestLog, given: str | None) -> None:
    """Only 1-64 of A-Z a-z 0-9 . _ - are taken over; else the id is a UUIDv7."""
    line = requests.open(Caller(source="api", request_id=given))
    line.close()

    assert len(line.request_id) == 36
    assert line.request_id[14] == "7"


@pytest.mark.parametrize(
    ("traceparent", "trace_id"),
    [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c"),
        ("00-00000000000000000000000000000000-b7ad6b7169203331-01", None),
        ("garbage", None),
        (None, None),
    ],
)
def test_a_trace_is_taken_from_its_header(requests: RequestLog, traceparent: str | None, trace_id: str | None) -> None:
    """The W3C header's trace id; an invalid one is no trace."""
    assert requests.open(Caller(source="api", traceparent=traceparent)).close().trace_id == trace_id


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RequestFailed("EMPTY_TEXT", "m"), ("error", "client", "EMPTY_TEXT", "validate", None)),
        (RequestFailed("QUEUE_FULL", "m"), ("rejected", "service", "QUEUE_FULL", "admit", None)),
        (RequestFailed("QUEUE_TIMEOUT", "m"), ("timeout", "service", "QUEUE_TIMEOUT", "queue", None)),
        (asyncio.CancelledError(), ("cancelled", "cancelled", "CANCELLED", "encode", "CancelledError")),
        (ZeroDivisionError("secret text"), ("error", "service", "INTERNAL", "encode", "ZeroDivisionError")),
    ],
)
def test_a_failure_says_what_and_where(
    requests: RequestLog, lines: Any, error: BaseException, expected: tuple[str | None, ...]
) -> None:
    """Status, fault, code, stage, class; never the message. A second failure doesn't cover the first."""
    line = requests.open(CALLER)
    line.stage = "encode"
    line.fail(error)
    line.fail(RequestFailed("BAD_OUTPUT", "later"))
    event = line.close()

    assert (event.status, event.fault, event.error_code, event.error_stage, event.error_type) == expected
    assert violations(event) == []
    assert [line["error_code"] for line in lines.all()] == [event.error_code]
    assert "secret" not in lines.path.read_text()


def test_a_driver_s_class_is_told(requests: RequestLog) -> None:
    """The exception that a failure of ours came from gives error_type."""
    line = requests.open(CALLER)
    failed = RequestFailed("ENCODE_FAILED", "m")
    failed.__cause__ = OSError()
    line.fail(failed)

    assert line.close().error_type == "OSError"


def test_the_first_audio_is_the_first_piece_of_audio(requests: RequestLog, clock: Any) -> None:
    """An answer that is only a link, or an error, hands over none."""

    def handed_over(audio: bool) -> RequestEvent:
        line = requests.open(CALLER)
        if audio:
            line.audio_follows()
        for _ in range(2):
            clock.now += 0.25
            line.handed_over()
        return line.close()

    assert handed_over(True).first_audio_seconds == 0.25
    assert handed_over(False).first_audio_seconds is None


def test_warnings_gather(requests: RequestLog) -> None:
    """Each is kept once, in order."""
    line = requests.open(CALLER)
    line.warn("silent")
    line.warn("clipped")
    line.warn("silent")

    assert line.close().warnings == ("silent", "clipped")


def test_a_key_that_no_line_has_is_a_bug(requests: RequestLog) -> None:
    """Told where it is noted, and nothing of it is kept."""
    line = requests.open(CALLER)

    with pytest.raises(TypeError, match="a line has no text"):
        line.note(text="secret")

    assert line.close().status == "ok"


def test_what_is_known_so_far_can_be_asked_for(requests: RequestLog, clock: Any) -> None:
    """Before the end with the seconds up to now, after it with the total."""
    line = requests.open(CALLER)
    clock.now += 0.5
    before = line.event
    clock.now += 0.5

    assert (before.total_seconds, before.request_id) == (0.5, "r-1")
    assert line.close() is line.event
    assert line.event.total_seconds == 1.0


class Gpus:
    """One GPU that is asked about."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, float, str | None, int | None]] = []

    def during(self, start: float, end: float, uuid: str | None, index: int | None) -> dict[str, Any]:
        self.asked.append((start, end, uuid, index))
        return {"gpu_name": "A", "gpu_uuid": "0a1b2c3d", "gpu_utilization": None}


def test_a_request_on_a_gpu_gets_its_figures(requests: RequestLog, clock: Any) -> None:
    """Asked for once, from acceptance to end, by what the worker says of its device; a worker's own figures go first."""
    requests.gpus = gpus = Gpus()
    line, other = requests.open(CALLER), requests.open(CALLER)
    clock.now += 2.0
    line.note(device="cuda:0", gpu_uuid="ffff0000", gpu_index=3)
    other.note(device="cpu")
    event, untouched = line.close(), other.close()

    assert gpus.asked == [(100.0, 102.0, "ffff0000", 3)]
    assert (event.gpu_name, event.gpu_uuid, event.gpu_utilization) == ("A", "ffff0000", None)
    assert untouched.gpu_name is None


codes = st.lists(st.sampled_from([None, None, None, *ERRORS]), max_size=12)


@given(codes, st.integers(1, 9))
def test_a_sample_stands_for_all_requests(outcomes: list[str | None], every: int) -> None:
    """Over the equally likely draws the weights add up to the number of requests; a failure is never left out."""
    total, failures = 0.0, 0
    for draw in range(every):
        sample = Sample(every, lambda draw=draw: draw / every)  # type: ignore[misc]
        kept = [sample.weighted(ended(code)) for code in outcomes]
        total += sum(event.sample_weight for event in kept if event is not None)
        failures += sum(event is not None and event.status != "ok" for event in kept)
        assert sample.out == kept.count(None)
        assert all(event is None or event.status == "ok" or event.sample_weight == 1.0 for event in kept)

    assert total == every * len(outcomes)
    assert failures == every * sum(code is not None for code in outcomes)


def ended(code: str | None) -> RequestEvent:
    kind = ERRORS[code] if code else None
    return RequestEvent(
        ts="2026-11-22T01:02:03.000004Z",
        request_id="r-1",
        instance="test",
        app_version="9.9",
        source="api",
        status=kind.status if kind else "ok",
        fault=kind.fault if kind else "none",
        error_code=code,
        engine="espeak",
        total_seconds=1.0,
    )


def test_a_request_left_out_takes_no_number(requests: RequestLog, lines: Any) -> None:
    """One of two is logged with weight two; numbers stay dense, and the one left out is counted."""
    draws = iter([0.6, 0.4, 0.9])
    requests.sample = Sample(2, lambda: next(draws))
    for _ in range(3):
        requests.open(CALLER).close()
    failed = requests.open(CALLER)
    failed.fail(RequestFailed("EMPTY_TEXT", "m"))
    failed.close()

    assert [(line["seq"], line["status"], line["sample_weight"]) for line in lines.all()] == [
        (1, "ok", 2.0),
        (2, "error", 1.0),
    ]
    assert (requests.sample.out, requests.requests, requests.in_flight) == (2, 4, 0)
