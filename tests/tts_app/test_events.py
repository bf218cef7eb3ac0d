"""The log line's bytes: keys in order, null keys left out, no figure that JSON can't hold, and the laws."""

from __future__ import annotations

import dataclasses
import json
import math
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_app.errors import EventInvalid
from tts_app.events import (
    EMOTIONS,
    ERRORS,
    FAULTS,
    STAGES,
    STATUSES,
    GpuReading,
    HeartbeatEvent,
    MarkEvent,
    RequestEvent,
    encode,
    stamped,
    timestamp,
    uuid7,
    violations,
)

TS = "2026-11-22T01:02:03.000004Z"
WRITER = "0123456789abcdef0123456789abcdef"

OK = RequestEvent(
    ts=TS,
    writer_id=WRITER,
    seq=7,
    request_id="r-1",
    instance="test",
    app_version="0.1.0",
    source="openai",
    status="ok",
    fault="none",
    engine="espeak",
    audio_seconds=2.5,
    synthesis_seconds=0.5,
    queue_seconds=0.25,
    total_seconds=1.0,
    stage_seconds={"frontend": 0.1, "synth": 0.4},
)


def test_a_request_line_is_exactly_this() -> None:
    """The golden line of version 1 with the keys that are always there and a few more."""
    assert encode(OK).decode() == (
        '{"v":1,"event":"tts.request","ts":"2026-11-22T01:02:03.000004Z","writer_id":"0123456789abcdef0123456789abcdef",'
        '"seq":7,"request_id":"r-1","instance":"test","app_version":"0.1.0","source":"openai","sample_weight":1.0,'
        '"status":"ok","fault":"none","attempt":1,"engine":"espeak","language":"und","text_chars":0,"text_bytes":0,'
        '"emotion":"neutral","emotion_mode":"none","emotion_intensity":0.0,"speed":1.0,"stream":false,'
        '"audio_seconds":2.5,"queue_seconds":0.25,"synthesis_seconds":0.5,"total_seconds":1.0,'
        '"stage_seconds":{"frontend":0.1,"synth":0.4},"queue_depth":0,"in_flight":1,"cold_start":false,"cache_hit":false}'
    )


def test_a_heartbeat_line_is_exactly_this() -> None:
    """The golden heartbeat, with one GPU that can't tell its utilization."""
    gpu = GpuReading(index=0, uuid="0a1b2c3d", name="GPU", memory_used_bytes=5, memory_total_bytes=9)
    event = HeartbeatEvent(
        ts=TS,
        writer_id=WRITER,
        seq=1,
        instance="test",
        workers_configured=2,
        workers_up=1,
        in_flight=0,
        queue_depth=0,
        uptime_seconds=30.5,
        requests=12,
        rss_bytes=1000,
        gpus=(gpu,),
    )

    assert encode(event).decode() == (
        '{"v":1,"event":"tts.heartbeat","ts":"2026-11-22T01:02:03.000004Z",'
        '"writer_id":"0123456789abcdef0123456789abcdef","seq":1,"instance":"test","workers_configured":2,'
        '"workers_up":1,"in_flight":0,"queue_depth":0,"uptime_seconds":30.5,"requests":12,"sampled_out":0,'
        '"failed_writes":0,"rss_bytes":1000,"gpus":[{"index":0,"uuid":"0a1b2c3d","name":"GPU","utilization_mean":null,'
        '"utilization_max":null,"memory_used_bytes":5,"memory_total_bytes":9}]}'
    )


def test_a_mark_is_stamped_by_its_writer() -> None:
    """The writer's id and number come in last; other scripts stay readable."""
    event = stamped(MarkEvent(ts=TS, instance="test", kind="release", label="版本 2"), WRITER, 3)

    assert json.loads(encode(event)) == {
        "v": 1,
        "event": "tts.mark",
        "ts": TS,
        "writer_id": WRITER,
        "seq": 3,
        "instance": "test",
        "kind": "release",
        "label": "版本 2",
    }
    assert "版本" in encode(event).decode()


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_a_figure_that_is_no_number_is_left_out(broken: float) -> None:
    """NaN and Infinity become null where that is allowed, inside lists and objects too; elsewhere it is an error."""
    event = dataclasses.replace(
        OK, audio_rms_dbfs=broken, emotion_vector=(broken,) + (0.0,) * 7, stage_seconds={"synth": 0.1, "gpt": broken}
    )

    line = json.loads(encode(event))

    assert "audio_rms_dbfs" not in line
    assert "emotion_vector" not in line
    assert line["stage_seconds"] == {"synth": 0.1}
    with pytest.raises(EventInvalid, match="total_seconds"):
        encode(dataclasses.replace(OK, total_seconds=broken))


def test_a_line_has_its_limit() -> None:
    """Above 256 KiB nothing is written; neither is what no UTF-8 can hold."""
    with pytest.raises(EventInvalid, match="262144"):
        encode(dataclasses.replace(OK, instance="x" * 262_144))
    with pytest.raises(EventInvalid, match="JSON"):
        encode(dataclasses.replace(OK, instance="\ud800"))


@given(
    seconds=st.floats(),
    rms=st.none() | st.floats(),
    vector=st.none() | st.tuples(*[st.floats()] * 8),
    name=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
def test_every_line_is_json_in_the_order_of_the_table(
    seconds: float, rms: float | None, vector: tuple[float, ...] | None, name: str
) -> None:
    """Whatever the figures are, a line is strict JSON on one line, its keys a subset of the table in its order."""
    event = dataclasses.replace(OK, total_seconds=seconds, audio_rms_dbfs=rms, emotion_vector=vector, instance=name)
    if not math.isfinite(seconds):
        with pytest.raises(EventInvalid):
            encode(event)
        return

    raw = encode(event)
    line = json.loads(raw, parse_constant=lambda constant: pytest.fail(constant))

    order = ["v", "event", *(field.name for field in dataclasses.fields(RequestEvent))]
    assert list(line) == [key for key in order if key in line]
    assert b"\n" not in raw
    assert None not in line.values()
    assert line["instance"] == name


@pytest.mark.parametrize(
    ("change", "law"),
    [
        ({"audio_seconds": None}, "ok without audio"),
        ({"error_code": "INTERNAL"}, "ok with an error code"),
        ({"fault": "client"}, "ok with a fault"),
        ({"status": "error", "fault": "client"}, "not ok without an error code"),
        ({"status": "error", "error_code": "INTERNAL"}, "not ok without a fault"),
        ({"queue_seconds": 0.6}, "queue and synthesis above total"),
        ({"stage_seconds": {"synth": 0.6}}, "stages above synthesis"),
        ({"text_chars": 2, "text_bytes": 1}, "fewer bytes than characters"),
        ({"cache_hit": True}, "a cache hit with synthesis_seconds"),
        ({"emotion_vector": (1.0,)}, "emotion_vector is not of 8"),
        ({"emotion_intensity": 1.5}, "emotion_intensity outside 0-1"),
        ({"warnings": ("nonsense",)}, "warnings outside their closed set"),
        ({"emotion": "bored"}, "emotion is not in its closed set"),
        ({"source": "mail"}, "source is not in its closed set"),
        ({"ts": "2026-11-22T01:02:03Z"}, "ts is not UTC with six decimals"),
    ],
)
def test_each_law_is_checked(change: dict[str, object], law: str) -> None:
    """A line that keeps all laws has no violation; breaking one names it."""
    broken = violations(dataclasses.replace(OK, **change))  # type: ignore[arg-type]

    assert violations(OK) == []
    assert broken == [law]


def test_what_can_not_be_written_is_a_violation() -> None:
    """A total that is no number breaks a law, not the check."""
    broken = violations(dataclasses.replace(OK, total_seconds=math.nan))

    assert "tts.request: total_seconds must be a finite value" in broken


def test_the_codes_are_of_the_closed_sets() -> None:
    """Each error code has a status that is not ok, a fault that is not none, and a known stage."""
    for code, kind in ERRORS.items():
        assert kind.status in STATUSES, code
        assert kind.status != "ok", code
        assert kind.fault in FAULTS, code
        assert kind.fault != "none", code
        assert kind.stage in STAGES, code
        assert 400 <= kind.http_status < 600, code
    assert len(EMOTIONS) == 8


def test_a_timestamp_has_a_fixed_width() -> None:
    """Always UTC, always six decimals."""
    shanghai = datetime(2026, 11, 22, 9, 2, 3, tzinfo=timezone(timedelta(hours=8)))

    assert timestamp(shanghai) == "2026-11-22T01:02:03.000000Z"
    assert timestamp(datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)) == "2026-01-02T03:04:05.000678Z"


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_a_uuid7_is_one(milliseconds: int, randomness: bytes) -> None:
    """Version 7, RFC variant, the time in its first 48 bits."""
    made = uuid.UUID(uuid7(milliseconds, randomness))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == milliseconds
