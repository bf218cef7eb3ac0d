"""The service's sign of life in the log: at start, every 30 seconds, and at stop; and a mark where its version is new."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from tts_app.events import GpuReading, HeartbeatEvent, MarkEvent, timestamp
from tts_app.requestlog import RequestLog
from tts_app.tts_line import BEAT_SECONDS, rss_bytes


class Workers(Protocol):
    """What a heartbeat tells about the engine."""

    @property
    def waiting(self) -> int:
        """Orders that wait for a worker."""

    @property
    def workers_up(self) -> int:
        """Workers that are ready."""

    @property
    def workers_configured(self) -> int:
        """Workers that should be."""


class Heart:
    """Writes heartbeats.

    Args:
        requests: counts requests, and has the log, the clocks and the name of the instance.
        workers: the engine's host.
        read_gpus: one reading per GPU since the last call, or None.
    """

    def __init__(
        self, requests: RequestLog, workers: Workers, read_gpus: Callable[[], tuple[GpuReading, ...] | None]
    ) -> None:
        self._requests = requests
        self._workers = workers
        self._read_gpus = read_gpus
        self._started = requests.clock()

    @property
    def uptime_seconds(self) -> float:
        """Since this object was made."""
        return self._requests.clock() - self._started

    def mark_release(self) -> None:
        """A mark for trends: this version runs from here on."""
        service = self._requests.service
        moment = timestamp(self._requests.now())
        self._requests.log.append(
            MarkEvent(ts=moment, instance=service.instance, kind="release", label=service.app_version)
        )

    def beat(self) -> None:
        """One heartbeat."""
        requests = self._requests
        requests.log.append(
            HeartbeatEvent(
                ts=timestamp(requests.now()),
                instance=requests.service.instance,
                workers_configured=self._workers.workers_configured,
                workers_up=self._workers.workers_up,
                in_flight=requests.in_flight,
                queue_depth=self._workers.waiting,
                uptime_seconds=round(self.uptime_seconds, 3),
                requests=requests.requests,
                sampled_out=requests.sample.out,
                failed_writes=requests.log.failed_writes,
                rss_bytes=rss_bytes(),
                gpus=self._read_gpus(),
            )
        )

    async def run(self, stop: asyncio.Event, every_seconds: float = BEAT_SECONDS) -> None:
        """Beats now, then at each interval, and once more when `stop` is set."""
        while not stop.is_set():
            self.beat()
            try:
                async with asyncio.timeout(every_seconds):
                    await stop.wait()
            except TimeoutError:
                continue
        self.beat()
