"""What one order is told to have taken: `adapter.Report` as the worker makes it."""

from __future__ import annotations

import resource
import threading
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from .device import Device
from .stages import Stages


class Report:
    """The figures of one order in the making.

    Args:
        device: where the engine works.
        gone: set when nobody waits any more.
    """

    def __init__(self, device: Device, gone: threading.Event | None = None) -> None:
        self.stages = Stages(event=device.event)
        self._device = device
        self._gone = gone or threading.Event()
        self._cpu = time.process_time()
        self._figures: dict[str, Any] = {}
        self._warnings: list[str] = []
        device.begin()

    def stage(self, name: str) -> AbstractContextManager[None]:
        """See `adapter.Report`."""
        return self.stages.stage(name)

    def note(self, **figures: Any) -> None:
        """See `adapter.Report`."""
        self._figures.update(figures)

    def warn(self, code: str) -> None:
        """See `adapter.Report`."""
        if code not in self._warnings:
            self._warnings.append(code)

    def cancelled(self) -> bool:
        """See `adapter.Report`."""
        return self._gone.is_set()

    def figures(self) -> dict[str, Any]:
        """Everything that is known at the end, as the last frame has it; waits for the device."""
        memory = self._device.finish()
        return {
            "stage_seconds": self.stages.seconds(),
            "gpu_seconds": self.stages.device_seconds(),
            **memory,
            **self.spent(),
            "warnings": self._warnings,
            **self._figures,
        }

    def spent(self) -> dict[str, Any]:
        """What is known without asking the device, which may be broken."""
        return {"cpu_seconds": time.process_time() - self._cpu, "rss_bytes": rss_bytes()}


def rss_bytes() -> int | None:
    """Resident memory of this process (proc(5): second number of statm, in pages); None where there is no /proc."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return None
