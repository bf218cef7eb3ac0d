"""The heartbeats of a synthetic day: what a service with these requests would have said of its workers and GPUs."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from tts_app.events import GpuReading, HeartbeatEvent, RequestEvent, timestamp

#: A real service says every 30 seconds that it is alive; this is the longest silence that reports take for presence.
BEAT_SECONDS = 120
GPU_NAME = "Example GPU 24 GB"
GPU_MEMORY_BYTES = 24 * 2**30
#: What a loaded model and the driver hold while nothing is asked, by GPU.
RESIDENT_BYTES = (8 * 2**30, 4 * 2**30)

_DAY_SECONDS = 86_400
_CREEP_BYTES_A_SECOND = 12_000
_WORKERS = 3
_LONGEST_SECONDS = 900
_RESIDENT_RSS_BYTES = 1_400_000_000

Asked = Sequence[tuple[datetime, RequestEvent]]


def gpu_uuid(index: int) -> str:
    """The name of a GPU in lines: 8 hex."""
    return hashlib.sha256(b"synthetic gpu %d" % index).hexdigest()[:8]


def heartbeats(midnight: datetime, instance: str, asked: Asked) -> Iterator[tuple[datetime, HeartbeatEvent]]:
    """One at the start of the day, every two minutes, and one at its end; `asked` in the order of time.

    A GPU is as busy as the `gpu_seconds` of the requests at work since the last one make it.
    """
    busy = [_busy_seconds(midnight, asked, index) for index in range(len(RESIDENT_BYTES))]
    starts = [_seconds(moment, midnight) for moment, _ in asked]
    ends = [*(beat * BEAT_SECONDS + 0.05 for beat in range(_DAY_SECONDS // BEAT_SECONDS)), _DAY_SECONDS - 0.01]
    for beat, (before, now) in enumerate(pairwise([ends[0], *ends])):
        come = bisect_right(starts, now)
        recent = range(bisect_left(starts, now - _LONGEST_SECONDS), come)
        inside = [number for number in recent if now < starts[number] + asked[number][1].total_seconds]
        waiting = sum(now < starts[number] + (asked[number][1].queue_seconds or 0.0) for number in inside)
        moment = midnight + timedelta(seconds=now)
        yield (
            moment,
            HeartbeatEvent(
                ts=timestamp(moment),
                instance=instance,
                workers_configured=_WORKERS,
                workers_up=_WORKERS,
                in_flight=len(inside) - waiting,
                queue_depth=waiting,
                uptime_seconds=now,
                requests=come,
                rss_bytes=_RESIDENT_RSS_BYTES,
                gpus=tuple(_reading(index, slots[beat], now - before, now) for index, slots in enumerate(busy)),
            ),
        )


def _busy_seconds(midnight: datetime, asked: Asked, index: int) -> list[float]:
    """Seconds of work of a GPU between each heartbeat and the one before it."""
    slots = [0.0] * (_DAY_SECONDS // BEAT_SECONDS + 1)
    for moment, event in asked:
        if event.gpu_index != index or not event.synthesis_seconds or not event.gpu_seconds:
            continue
        start = _seconds(moment, midnight) + (event.queue_seconds or 0.0)
        end = start + event.synthesis_seconds
        share = event.gpu_seconds / event.synthesis_seconds
        for slot in range(int(start // BEAT_SECONDS), int(end // BEAT_SECONDS) + 1):
            inside = min(end, (slot + 1) * BEAT_SECONDS) - max(start, slot * BEAT_SECONDS)
            if slot + 1 < len(slots):
                slots[slot + 1] += inside * share
    return slots


def _reading(index: int, busy_seconds: float, seconds: float, since_start: float) -> GpuReading:
    """What NVML would say; of the first heartbeat, which looks back on nothing, no utilization."""
    used = RESIDENT_BYTES[index] + round(_CREEP_BYTES_A_SECOND * since_start) + round(2**30 * min(busy_seconds / 60, 2))
    return GpuReading(
        index=index,
        uuid=gpu_uuid(index),
        name=GPU_NAME,
        utilization_mean=round(min(busy_seconds / seconds, 1.0), 4) if seconds else None,
        utilization_max=(0.97 if busy_seconds else 0.0) if seconds else None,
        memory_used_bytes=used,
        memory_total_bytes=GPU_MEMORY_BYTES,
    )


def _seconds(moment: datetime, midnight: datetime) -> float:
    return (moment - midnight).total_seconds()
