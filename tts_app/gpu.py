"""What NVML tells about the GPUs of this machine, sampled by a thread beside the requests; nothing without a driver.

Utilization is the part of time (0-1) in which any process used the whole GPU, by the driver's own samples where it keeps
them (some a second), else one at each look. What can't be known is null and never 0.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tts_app.events import GpuReading

UUID_DIGITS = 8
SAMPLE_SECONDS = 0.2
#: How far back the samples of a request may lie, and how many are kept of one GPU at most.
KEPT_SECONDS = 900.0
KEPT_SAMPLES = 20_000
#: Fewer samples than these say nothing of a request, and an older reading of memory neither.
FEWEST_SAMPLES = 2
FRESH_SECONDS = 2.0
CLOSE_SECONDS = 2.0


@dataclass(slots=True)
class Device:
    """A GPU that NVML knows, with its samples: (seconds of the sampler's clock, utilization)."""

    index: int
    handle: Any
    uuid: str
    name: str
    samples: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=KEPT_SAMPLES))
    memory: tuple[int, int] | None = None
    looked_at: float = 0.0
    seen: int = 0
    keeps_samples: bool = True
    failing: bool = False
    lost: bool = False

    def between(self, start: float, end: float) -> list[float]:
        """The utilization at each sample from `start` to `end`."""
        return [used for _, used in self._newest_first(start, end)]

    def _newest_first(self, start: float, end: float) -> Iterator[tuple[float, float]]:
        for at, used in reversed(self.samples):
            if at < start:
                return
            if at <= end:
                yield at, used


class GpuSampler:
    """Samples all GPUs through `nvml`, the module `pynvml` or what stands in for it.

    Args:
        nvml: the driver's library.
        tell: gets one line where a GPU or all of them can't be read, a missing driver excepted.
        clock: monotonic seconds, those of the requests.
        wall: seconds since 1970, the clock of the driver's samples.
    """

    def __init__(
        self,
        nvml: Any,
        tell: Callable[[str], None],
        *,
        clock: Callable[[], float],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._nvml = nvml
        self._tell = tell
        self._clock = clock
        self._wall = wall
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._read_at = clock()
        self._devices: list[Device] = []
        try:
            nvml.nvmlInit()
            self._devices = [self._device(index) for index in range(nvml.nvmlDeviceGetCount())]
        except nvml.NVMLError as exc:
            # A machine without a driver is ordinary, and the empty list says so; anything else is worth a line.
            if not isinstance(exc, nvml.NVMLError_LibraryNotFound):
                tell(f"no GPU figures: {type(exc).__name__}")

    def start(self) -> None:
        """Begins to sample, in a thread; without a GPU there is none."""
        if self._devices:
            self._thread = threading.Thread(target=self._run, name="gpu-sampler", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Ends the thread and lets the driver go, unless it is stuck in the driver for more than two seconds."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)
        if self._devices and not (self._thread is not None and self._thread.is_alive()):
            self._nvml.nvmlShutdown()
        self._devices = []

    def sample(self) -> None:
        """Looks at each GPU once."""
        for device in self._devices:
            if device.lost:
                continue
            try:
                fresh, memory = self._look(device)
                device.failing = False
            except self._nvml.NVMLError as exc:
                fresh, memory = [], None
                self._failed(device, exc)
            with self._lock:
                device.samples.extend(fresh)
                device.memory, device.looked_at = memory, self._clock()

    def during(self, start: float, end: float, uuid: str | None, index: int | None) -> dict[str, Any]:
        """Keys of the line of a request that ran from `start` to `end` (seconds of the clock) on one GPU.

        The GPU is the one with that uuid (its first 8 digits), else with that index, else the only one. Utilization is
        the mean of the samples in between, null below two; memory is the whole device's at the end.
        """
        device = self._find(uuid, index)
        if device is None:
            return {}
        with self._lock:
            used = device.between(start, end)
            memory = device.memory if end - device.looked_at <= FRESH_SECONDS else None
        return {
            "gpu_name": device.name,
            "gpu_uuid": device.uuid,
            "gpu_index": device.index,
            "gpu_memory_used_bytes": memory[0] if memory else None,
            "gpu_memory_total_bytes": memory[1] if memory else None,
            "gpu_utilization": round(sum(used) / len(used), 4) if len(used) >= FEWEST_SAMPLES else None,
        }

    def read(self) -> tuple[GpuReading, ...] | None:
        """One reading per GPU with the mean and the peak since the last call, or None where there is none."""
        now = self._clock()
        start, self._read_at = self._read_at, now
        with self._lock:
            return tuple(_reading(device, device.between(start, now)) for device in self._devices) or None

    def _run(self) -> None:
        while not self._stop.is_set():
            self.sample()
            self._stop.wait(SAMPLE_SECONDS)

    def _device(self, index: int) -> Device:
        handle = self._nvml.nvmlDeviceGetHandleByIndex(index)
        uuid = _short(_text(self._nvml.nvmlDeviceGetUUID(handle)))
        return Device(index, handle, uuid, _text(self._nvml.nvmlDeviceGetName(handle)))

    def _find(self, uuid: str | None, index: int | None) -> Device | None:
        if uuid is not None:
            return next((device for device in self._devices if device.uuid == _short(uuid)), None)
        if index is not None:
            return next((device for device in self._devices if device.index == index), None)
        return self._devices[0] if len(self._devices) == 1 else None

    def _look(self, device: Device) -> tuple[list[tuple[float, float]], tuple[int, int] | None]:
        memory = self._ask("nvmlDeviceGetMemoryInfo", device.handle)
        samples = self._kept(device) if device.keeps_samples else None
        if samples is None:
            device.keeps_samples = False
            rates = self._ask("nvmlDeviceGetUtilizationRates", device.handle)
            samples = [(self._clock(), rates.gpu / 100)] if rates and rates.gpu <= 100 else []
        return samples, (int(memory.used), int(memory.total)) if memory else None

    def _kept(self, device: Device) -> list[tuple[float, float]] | None:
        """The driver's new samples, or None where it keeps none."""
        kind = self._nvml.NVML_GPU_UTILIZATION_SAMPLES
        try:
            _, found = self._nvml.nvmlDeviceGetSamples(device.handle, kind, device.seen)
        except self._nvml.NVMLError_NotFound:
            return []
        except self._refusals():
            return None
        new = [sample for sample in found if sample.timeStamp > device.seen and sample.sampleValue.uiVal <= 100]
        new.sort(key=lambda sample: sample.timeStamp)
        device.seen = new[-1].timeStamp if new else device.seen
        # The wall clock may be set at any time, so a sample's age is taken anew at each look.
        now, wall = self._clock(), self._wall()
        aged = ((wall - sample.timeStamp / 1e6, sample.sampleValue.uiVal / 100) for sample in new)
        return [(now - age, used) for age, used in aged if -SAMPLE_SECONDS <= age <= KEPT_SECONDS]

    def _failed(self, device: Device, error: Exception) -> None:
        device.lost = isinstance(error, self._nvml.NVMLError_GpuIsLost)
        if not device.failing:
            self._tell(f"no figures of GPU {device.index}: {type(error).__name__}")
        device.failing = True

    def _ask(self, function: str, *arguments: Any) -> Any | None:
        """What NVML answers, or None where this GPU can't tell (MIG, shared memory, older drivers, missing rights)."""
        try:
            return getattr(self._nvml, function)(*arguments)
        except self._refusals():
            return None

    def _refusals(self) -> tuple[type[Exception], ...]:
        nvml = self._nvml
        return nvml.NVMLError_NotSupported, nvml.NVMLError_NoPermission, nvml.NVMLError_FunctionNotFound


def _reading(device: Device, used: list[float]) -> GpuReading:
    return GpuReading(
        index=device.index,
        uuid=device.uuid,
        name=device.name,
        utilization_mean=round(sum(used) / len(used), 4) if used else None,
        utilization_max=max(used) if used else None,
        memory_used_bytes=device.memory[0] if device.memory else None,
        memory_total_bytes=device.memory[1] if device.memory else None,
    )


def _short(uuid: str) -> str:
    return uuid.removeprefix("GPU-")[:UUID_DIGITS]


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
