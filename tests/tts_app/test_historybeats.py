"""The heartbeats of a synthetic day: they tell of the requests that are in the lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from tts_app.events import RequestEvent, timestamp
from tts_app.historybeats import BEAT_SECONDS, heartbeats

MIDNIGHT = datetime(2026, 3, 4, tzinfo=UTC)


def asked(second: float, **figures: object) -> tuple[datetime, RequestEvent]:
    moment = MIDNIGHT + timedelta(seconds=second)
    return moment, RequestEvent(
        ts=timestamp(moment),
        request_id="r",
        instance="demo",
        app_version="1",
        source="api",
        status="ok",
        fault="none",
        engine="indextts2",
        language="en",
        text_chars=1,
        text_bytes=1,
        emotion="neutral",
        emotion_mode="none",
        emotion_intensity=0.0,
        queue_depth=0,
        in_flight=1,
        **figures,  # type: ignore[arg-type]
    )


def test_a_day_begins_and_ends_with_a_heartbeat_and_is_never_silent_for_long():
    """Two minutes between two of them at most, and the seconds since the start grow with them."""
    beats = list(heartbeats(MIDNIGHT, "demo", []))
    moments = [(moment - MIDNIGHT).total_seconds() for moment, _ in beats]

    assert (moments[0], moments[-1]) == (0.05, 86399.99)
    assert max(later - before for before, later in pairwise(moments)) <= BEAT_SECONDS + 1e-6
    assert [beat.uptime_seconds for _, beat in beats] == moments
    assert {(beat.workers_up, beat.requests, beat.in_flight) for _, beat in beats} == {(3, 0, 0)}


def test_a_gpu_is_as_busy_as_its_requests_make_it():
    """Synthesis from second 200 to 300, nine tenths of it on the GPU: 36 seconds of one stretch of 120, 54 of the next."""
    figures = {"queue_seconds": 20.0, "synthesis_seconds": 100.0, "gpu_seconds": 90.0, "total_seconds": 121.0}
    one = asked(180.0, gpu_index=0, **figures)
    beats = [beat for _, beat in heartbeats(MIDNIGHT, "demo", [one])]
    readings = [[gpu.utilization_mean for gpu in beat.gpus or ()] for beat in beats[:5]]

    assert readings == [[None, None], [0.0, 0.0], [0.3, 0.0], [0.45, 0.0], [0.0, 0.0]]
    assert [(beat.requests, beat.in_flight, beat.queue_depth) for beat in beats[:4]] == [
        (0, 0, 0),
        (0, 0, 0),
        (1, 1, 0),
        (1, 0, 0),
    ]
