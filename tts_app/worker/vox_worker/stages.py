"""How long each stage of a synthesis took: stages never overlap, so that they add up to no more than the whole.

On CUDA work is only queued by the time a call returns; there a stage's time lies between two events in the device's stream.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass
class Stretch:
    """A part of a stage during which no inner one ran; events are None where no device works."""

    name: str
    start: float
    end: float
    first: Any = None
    last: Any = None


class Stages:
    """Times stages.

    Args:
        clock: monotonic seconds.
        event: records an event in the device's stream now, or gives None; events have `elapsed_time(other)` in ms.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter, event: Callable[[], Any] = lambda: None) -> None:
        self._clock = clock
        self._event = event
        self._open: list[str] = []
        self._done: list[Stretch] = []
        self._running: Stretch | None = None

    @property
    def name(self) -> str | None:
        """The innermost stage at this moment."""
        return self._open[-1] if self._open else None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts what happens inside to `name`."""
        self._stop()
        self._open.append(name)
        self._start()
        try:
            yield
        finally:
            self._stop()
            self._open.pop()
            self._start()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Counts what happens inside to no stage."""
        self._stop()
        try:
            yield
        finally:
            self._start()

    def seconds(self) -> dict[str, float]:
        """The time of each stage so far; the device must be in step, or events have no time yet."""
        found: dict[str, float] = {}
        for stretch in self._done:
            found[stretch.name] = found.get(stretch.name, 0.0) + _length(stretch)
        return found

    def device_seconds(self) -> float | None:
        """The time between events alone; None where there was none."""
        timed = [_length(stretch) for stretch in self._done if stretch.first is not None]
        return sum(timed) if timed else None

    def _start(self) -> None:
        if self._open:
            now = self._clock()
            self._running = Stretch(self._open[-1], now, now, self._event())

    def _stop(self) -> None:
        stretch, self._running = self._running, None
        if stretch is not None:
            stretch.last = self._event() if stretch.first is not None else None
            stretch.end = self._clock()
            self._done.append(stretch)


def _length(stretch: Stretch) -> float:
    if stretch.first is None or stretch.last is None:
        return stretch.end - stretch.start
    return float(stretch.first.elapsed_time(stretch.last)) / 1000
