"""Signs of life: at start, at each interval, at stop; and the mark of a new version."""

from __future__ import annotations

import asyncio
from typing import Any

from tts_app.events import GpuReading
from tts_app.heartbeat import Heart
from tts_app.requestlog import Caller, RequestLog, Sample


class Workers:
    """Two workers, one of them up, three requests waiting."""

    waiting = 3
    workers_up = 1
    workers_configured = 2


def test_a_heartbeat_tells_the_state(requests: RequestLog, lines: Any, clock: Any) -> None:
    """Workers, queue, counts, uptime, memory, GPUs."""
    heart = Heart(requests, Workers(), lambda: (GpuReading(index=0, uuid="0a1b2c3d", name="A"),))
    requests.sample = Sample(2, lambda: 0.9)
    requests.open(Caller(source="api")).close()
    requests.open(Caller(source="api"))
    clock.now += 12.5

    heart.beat()

    [beat] = lines.all()
    assert beat.pop("rss_bytes") > 1_000_000
    assert beat == {
        "v": 1,
        "event": "tts.heartbeat",
        "ts": "2026-11-22T01:02:03.000004Z",
        "writer_id": "a" * 32,
        "seq": 1,
        "instance": "test",
        "workers_configured": 2,
        "workers_up": 1,
        "in_flight": 1,
        "queue_depth": 3,
        "uptime_seconds": 12.5,
        "requests": 2,
        "sampled_out": 1,
        "failed_writes": 0,
        "gpus": [
            {
                "index": 0,
                "uuid": "0a1b2c3d",
                "name": "A",
                "utilization_mean": None,
                "utilization_max": None,
                "memory_used_bytes": None,
                "memory_total_bytes": None,
            }
        ],
    }


def test_the_heart_beats_from_start_to_stop(requests: RequestLog, lines: Any) -> None:
    """At once, then at each interval, and once more at the end."""
    heart = Heart(requests, Workers(), lambda: None)

    async def live() -> None:
        stop = asyncio.Event()
        beating = asyncio.create_task(heart.run(stop, every_seconds=0.001))
        while len(lines.all()) < 3:
            await asyncio.sleep(0)
        stop.set()
        before = len(lines.all())
        await beating
        assert len(lines.all()) > before

    asyncio.run(live())

    assert {line["event"] for line in lines.all()} == {"tts.heartbeat"}


def test_a_short_life_has_two_beats(requests: RequestLog, lines: Any) -> None:
    """One at start, one at stop."""
    heart = Heart(requests, Workers(), lambda: None)

    async def live() -> None:
        stop = asyncio.Event()
        beating = asyncio.create_task(heart.run(stop))
        await asyncio.sleep(0)
        stop.set()
        await beating

    asyncio.run(live())

    assert len(lines.all()) == 2


def test_a_release_is_marked(requests: RequestLog, lines: Any) -> None:
    """The version is the label."""
    Heart(requests, Workers(), lambda: None).mark_release()

    [mark] = lines.all()
    assert (mark["event"], mark["kind"], mark["label"]) == ("tts.mark", "release", "9.9")
