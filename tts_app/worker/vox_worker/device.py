"""What torch knows of its CUDA device, where an adapter has loaded torch and works on one; nothing anywhere else."""

from __future__ import annotations

import sys
from typing import Any


class Device:
    """The device of this worker, such as `cpu` or `cuda:0`; `torch` is the module, or what stands in for it."""

    def __init__(self, name: str | None, torch: Any = None) -> None:
        self._name = name or "cpu"
        self._torch = (torch or sys.modules.get("torch")) if self._name.startswith("cuda") else None

    def event(self) -> Any:
        """An event recorded in the device's stream now, or None."""
        if self._torch is None:
            return None
        event = self._torch.cuda.Event(enable_timing=True)
        event.record(self._torch.cuda.current_stream(self._name))
        return event

    def begin(self) -> None:
        """An order begins: its peak of memory is counted from here."""
        if self._torch is not None:
            self._torch.cuda.reset_peak_memory_stats(self._name)

    def finish(self) -> dict[str, int]:
        """Waits until the device is done, so that events have times; then the peak of torch's memory."""
        if self._torch is None:
            return {}
        self._torch.cuda.synchronize(self._name)
        return {"gpu_memory_peak_bytes": int(self._torch.cuda.max_memory_allocated(self._name))}

    def relax(self) -> None:
        """Gives unused memory back to the device, after there was too little."""
        if self._torch is not None:
            self._torch.cuda.empty_cache()
