"""What NVML tells about the GPUs of this machine since it was last asked; nothing where there is no driver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tts_app.events import GpuReading

UUID_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Device:
    """A GPU that NVML knows."""

    index: int
    handle: Any
    uuid: str
    name: str


class GpuProbe:
    """Reads all GPUs through `nvml`, the module `pynvml` or what stands in for it."""

    def __init__(self, nvml: Any, tell: Callable[[str], None]) -> None:
        self._nvml = nvml
        self._seen: dict[int, int] = {}
        self._devices: list[Device] = []
        try:
            nvml.nvmlInit()
            self._devices = [self._device(index) for index in range(nvml.nvmlDeviceGetCount())]
        except nvml.NVMLError as exc:
            # A machine without a driver is ordinary, and the empty list says so; anything else is worth a line.
            if not isinstance(exc, nvml.NVMLError_LibraryNotFound):
                tell(f"no GPU figures: {type(exc).__name__}")

    def read(self) -> tuple[GpuReading, ...] | None:
        """One reading per GPU, or None where there is none."""
        return tuple(self._reading(device) for device in self._devices) or None

    def close(self) -> None:
        """Lets the driver go."""
        if self._devices:
            self._nvml.nvmlShutdown()
            self._devices = []

    def _device(self, index: int) -> Device:
        handle = self._nvml.nvmlDeviceGetHandleByIndex(index)
        uuid = _text(self._nvml.nvmlDeviceGetUUID(handle)).removeprefix("GPU-")[:UUID_DIGITS]
        return Device(index, handle, uuid, _text(self._nvml.nvmlDeviceGetName(handle)))

    def _reading(self, device: Device) -> GpuReading:
        used = self._utilization(device)
        memory = self._ask("nvmlDeviceGetMemoryInfo", device.handle)
        return GpuReading(
            index=device.index,
            uuid=device.uuid,
            name=device.name,
            utilization_mean=round(sum(used) / len(used), 4) if used else None,
            utilization_max=max(used) if used else None,
            memory_used_bytes=int(memory.used) if memory else None,
            memory_total_bytes=int(memory.total) if memory else None,
        )

    def _utilization(self, device: Device) -> list[float]:
        """The driver's samples (0-1) since the last call; its buffer holds the last seconds, more is not known."""
        since = self._seen.get(device.index, 0)
        answer = self._ask("nvmlDeviceGetSamples", device.handle, self._nvml.NVML_GPU_UTILIZATION_SAMPLES, since)
        if answer is None:
            rates = self._ask("nvmlDeviceGetUtilizationRates", device.handle)
            return [rates.gpu / 100] if rates else []
        new = [sample for sample in answer[1] if sample.timeStamp > since]
        if new:
            self._seen[device.index] = max(sample.timeStamp for sample in new)
        return [sample.sampleValue.uiVal / 100 for sample in new]

    def _ask(self, function: str, *arguments: Any) -> Any | None:
        """What NVML answers, or None where this GPU can't tell (MIG, older drivers, a device that fell off the bus)."""
        try:
            return getattr(self._nvml, function)(*arguments)
        except self._nvml.NVMLError:
            return None


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
