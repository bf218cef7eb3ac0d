"""GPU figures through NVML, told by a stand-in with the functions of pynvml that are used."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tts_app.events import GpuReading
from tts_app.gpu import GpuProbe

GIB = 1024**3


class NVMLError(Exception):
    """As pynvml's."""


class NVMLError_LibraryNotFound(NVMLError):
    """No driver."""


class Nvml:
    """Two GPUs; the second can't tell its samples, its utilization or its memory."""

    NVML_GPU_UTILIZATION_SAMPLES = 1
    NVMLError = NVMLError
    NVMLError_LibraryNotFound = NVMLError_LibraryNotFound

    def __init__(self, error: type[Exception] | None = None) -> None:
        self.error = error
        self.samples = [(10, 20), (11, 60)]
        self.ended = False

    def nvmlInit(self) -> None:
        if self.error:
            raise self.error

    def nvmlShutdown(self) -> None:
        self.ended = True

    def nvmlDeviceGetCount(self) -> int:
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetUUID(self, handle: int) -> str | bytes:
        return ("GPU-0a1b2c3d-rest", b"GPU-99887766-rest")[handle]

    def nvmlDeviceGetName(self, handle: int) -> str | bytes:
        return ("NVIDIA A", b"NVIDIA B")[handle]

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> Any:
        self._able(handle)
        return SimpleNamespace(used=3 * GIB, total=8 * GIB)

    def nvmlDeviceGetSamples(self, handle: int, kind: int, since: int) -> tuple[int, list[Any]]:
        self._able(handle)
        return 1, [
            SimpleNamespace(timeStamp=at, sampleValue=SimpleNamespace(uiVal=value)) for at, value in self.samples
        ]

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> Any:
        self._able(handle)
        return SimpleNamespace(gpu=50)

    def _able(self, handle: int) -> None:
        if handle == 1:
            raise NVMLError


def test_each_gpu_is_read_since_the_last_time() -> None:
    """Mean and peak of the new samples only; what a GPU can't tell is null."""
    nvml = Nvml()
    told: list[str] = []
    probe = GpuProbe(nvml, told.append)
    second = GpuReading(index=1, uuid="99887766", name="NVIDIA B")

    first_reading = probe.read()
    nvml.samples = [(11, 60), (12, 100)]
    next_reading = probe.read()
    nothing_new = probe.read()

    a = {
        "index": 0,
        "uuid": "0a1b2c3d",
        "name": "NVIDIA A",
        "memory_used_bytes": 3 * GIB,
        "memory_total_bytes": 8 * GIB,
    }
    assert first_reading == (GpuReading(utilization_mean=0.4, utilization_max=0.6, **a), second)  # type: ignore[arg-type]
    assert next_reading == (GpuReading(utilization_mean=1.0, utilization_max=1.0, **a), second)  # type: ignore[arg-type]
    assert nothing_new == (GpuReading(**a), second)  # type: ignore[arg-type]
    assert told == []


def test_a_machine_without_a_driver_has_no_gpus_and_no_word_of_it() -> None:
    """That is ordinary; another failure of the driver is told once."""
    told: list[str] = []

    assert GpuProbe(Nvml(NVMLError_LibraryNotFound), told.append).read() is None
    assert told == []
    assert GpuProbe(Nvml(NVMLError), told.append).read() is None
    assert told == ["no GPU figures: NVMLError"]


def test_the_driver_is_let_go() -> None:
    """After closing nothing is read any more."""
    nvml = Nvml()
    probe = GpuProbe(nvml, lambda _: None)

    probe.close()

    assert nvml.ended
    assert probe.read() is None
