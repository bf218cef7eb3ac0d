"""What NVML tells, from a stand-in for its Python module: samples inside a request, gaps that stay null, GPUs told apart."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tts_app.events import GpuReading
from tts_app.gpu import KEPT_SECONDS, GpuSampler

GIB = 1024**3
#: The wall clock reads this when the sampler's own reads 0.
EPOCH = 1_800_000_000


class NVMLError(Exception):
    """As pynvml's."""


class NVMLError_LibraryNotFound(NVMLError):
    """No driver."""


class NVMLError_NotSupported(NVMLError):
    """This GPU can't tell."""


class NVMLError_NoPermission(NVMLError):
    """Somebody else may know."""


class NVMLError_FunctionNotFound(NVMLError):
    """An older driver."""


class NVMLError_NotFound(NVMLError):
    """No new samples."""


class NVMLError_GpuIsLost(NVMLError):
    """It fell off the bus."""


class NVMLError_Timeout(NVMLError):
    """Once in a while."""


class Card:
    """One GPU: `samples` are (seconds of the sampler's clock, percent); an error in a figure's place is raised."""

    def __init__(self, uuid: str | bytes, name: str | bytes) -> None:
        self.uuid = uuid
        self.name = name
        self.memory: Any = SimpleNamespace(used=3 * GIB, total=8 * GIB)
        self.rates: Any = SimpleNamespace(gpu=50)
        self.samples: Any = []


class Nvml:
    """The module, over cards."""

    NVML_GPU_UTILIZATION_SAMPLES = 1
    NVMLError = NVMLError
    NVMLError_LibraryNotFound = NVMLError_LibraryNotFound
    NVMLError_NotSupported = NVMLError_NotSupported
    NVMLError_NoPermission = NVMLError_NoPermission
    NVMLError_FunctionNotFound = NVMLError_FunctionNotFound
    NVMLError_NotFound = NVMLError_NotFound
    NVMLError_GpuIsLost = NVMLError_GpuIsLost

    def __init__(self, *cards: Card, error: Exception | None = None) -> None:
        self.cards = cards
        self.error = error
        self.ended = False
        self.asked: list[str] = []

    def nvmlInit(self) -> None:
        told(self.error)

    def nvmlShutdown(self) -> None:
        self.ended = True

    def nvmlDeviceGetCount(self) -> int:
        return len(self.cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Card:
        return self.cards[index]

    def nvmlDeviceGetUUID(self, card: Card) -> str | bytes:
        return card.uuid

    def nvmlDeviceGetName(self, card: Card) -> str | bytes:
        return card.name

    def nvmlDeviceGetMemoryInfo(self, card: Card) -> Any:
        self.asked.append("memory")
        return told(card.memory)

    def nvmlDeviceGetUtilizationRates(self, card: Card) -> Any:
        self.asked.append("rates")
        return told(card.rates)

    def nvmlDeviceGetSamples(self, card: Card, kind: int, since: int) -> tuple[int, list[Any]]:
        assert kind == self.NVML_GPU_UTILIZATION_SAMPLES
        self.asked.append("samples")
        found = [(round((EPOCH + at) * 1e6), percent) for at, percent in told(card.samples)]
        fresh = [sample for sample in found if sample[0] > since]
        if not fresh:
            raise NVMLError_NotFound
        return 1, [SimpleNamespace(timeStamp=at, sampleValue=SimpleNamespace(uiVal=used)) for at, used in fresh]


def told(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


def a_card() -> Card:
    return Card("GPU-0a1b2c3d-rest", "NVIDIA A")


def other_card() -> Card:
    return Card(b"GPU-99887766-rest", b"NVIDIA B")


class Clock:
    """Seconds since the sampler was made; `step` is how far the wall clock was set since."""

    def __init__(self) -> None:
        self.now = 0.0
        self.step = 0.0

    def __call__(self) -> float:
        return self.now

    def wall(self) -> float:
        return EPOCH + self.now + self.step


def sampler(nvml: Nvml, clock: Clock, tell: Callable[[str], None] = pytest.fail) -> GpuSampler:
    return GpuSampler(nvml, tell, clock=clock, wall=clock.wall)


def looked(nvml: Nvml, *looks: tuple[float, list[tuple[float, int]]]) -> GpuSampler:
    """A sampler of the first card that looked at these times, when the driver had these samples."""
    clock = Clock()
    made = sampler(nvml, clock)
    for at, samples in looks:
        clock.now = at
        nvml.cards[0].samples = samples
        made.sample()
    return made


SAMPLES = [(10.0, 20), (10.5, 60), (11.0, 100), (11.5, 0)]


@pytest.mark.parametrize(
    ("start", "end", "mean"),
    [
        (9.9, 11.5001, 0.45),
        (10.1, 11.4, 0.8),
        (10.4999, 11.0001, 0.8),
        (10.9, 11.1, None),
        (11.6, 12.0, None),
        (0.0, 9.0, None),
        (11.2, 99.0, None),
    ],
)
def test_a_request_gets_the_mean_of_the_samples_inside_it(start: float, end: float, mean: float | None) -> None:
    """The driver's samples, by their own time and not by that of the look; below two it isn't known."""
    found = looked(Nvml(a_card()), (11.0, SAMPLES[:3]), (11.6, SAMPLES)).during(start, end, None, None)

    assert found["gpu_utilization"] == mean


def test_a_request_is_told_its_gpu_and_its_memory() -> None:
    """Name, short uuid, index; memory of the whole device as at the end, unless the last look is too long ago."""
    gpu = looked(Nvml(a_card()), (11.6, SAMPLES))
    fresh = {"gpu_memory_used_bytes": 3 * GIB, "gpu_memory_total_bytes": 8 * GIB}
    named = {"gpu_name": "NVIDIA A", "gpu_uuid": "0a1b2c3d", "gpu_index": 0}

    assert gpu.during(9.9, 11.6, None, None) == {**named, **fresh, "gpu_utilization": 0.45}
    assert gpu.during(9.9, 14.0, None, None) == {**named, **dict.fromkeys(fresh), "gpu_utilization": 0.45}


@pytest.mark.parametrize(
    ("uuid", "index", "name"),
    [
        ("99887766", 0, "NVIDIA B"),
        ("GPU-99887766-rest", None, "NVIDIA B"),
        (None, 1, "NVIDIA B"),
        (None, 0, "NVIDIA A"),
        (None, None, None),
        (None, 7, None),
        ("MIG-99887766", None, None),
    ],
)
def test_several_gpus_are_told_apart(uuid: str | None, index: int | None, name: str | None) -> None:
    """By uuid, else by index; a request that names neither, or one that isn't there, gets no other one's figures."""
    gpus = sampler(Nvml(a_card(), other_card()), Clock())

    assert gpus.during(0.0, 1.0, uuid, index).get("gpu_name") == name


def test_a_clock_that_is_set_moves_no_sample_of_later() -> None:
    """A sample's age counts, by the wall clock of the look; one from the future or from long ago says nothing."""
    clock, nvml = Clock(), Nvml(a_card())
    gpu = sampler(nvml, clock)
    clock.step = 3600.0
    clock.now = 11.0
    nvml.cards[0].samples = [(3610.0, 30), (3610.5, 50), (3700.0, 99), (10.0, 99), (3611.0 - KEPT_SECONDS - 1, 99)]
    gpu.sample()

    assert gpu.during(0.0, 20.0, None, None)["gpu_utilization"] == 0.4


@pytest.mark.parametrize("refusal", [NVMLError_NotSupported(), NVMLError_NoPermission(), NVMLError_FunctionNotFound()])
def test_a_driver_that_keeps_no_samples_is_looked_at(refusal: Exception) -> None:
    """One reading at each look, and the samples aren't asked for again."""
    clock, card = Clock(), a_card()
    card.samples = refusal
    nvml = Nvml(card)
    gpu = sampler(nvml, clock)
    for at, percent in ((1.0, 10), (1.2, 30), (1.4, 255)):
        clock.now, card.rates = at, SimpleNamespace(gpu=percent)
        gpu.sample()

    assert gpu.during(0.5, 1.5, None, None)["gpu_utilization"] == 0.2
    assert nvml.asked == ["memory", "samples", "rates", "memory", "rates", "memory", "rates"]


def test_a_mig_device_has_memory_and_no_utilization() -> None:
    """NVML supports none there: null, never 0; a GPU that hides its memory as well has nothing but its name."""
    shared, hidden = a_card(), other_card()
    for card in (shared, hidden):
        card.samples = card.rates = NVMLError_NotSupported()
    hidden.memory = NVMLError_NoPermission()
    gpus = sampler(Nvml(shared, hidden), Clock())
    gpus.sample()

    assert gpus.read() == (
        GpuReading(index=0, uuid="0a1b2c3d", name="NVIDIA A", memory_used_bytes=3 * GIB, memory_total_bytes=8 * GIB),
        GpuReading(index=1, uuid="99887766", name="NVIDIA B"),
    )


def test_a_lost_gpu_is_told_once_and_costs_no_other() -> None:
    """Its figures become null, it is not asked again, and the others go on."""
    clock, heard = Clock(), list[str]()
    lost, well = a_card(), other_card()
    gpus = sampler(Nvml(lost, well), clock, heard.append)
    lost.samples = well.samples = [(0.1, 40)]
    clock.now = 0.2
    gpus.sample()
    gpus.read()
    lost.memory = NVMLError_GpuIsLost()
    well.samples = [(0.3, 80)]
    clock.now = 0.4
    gpus.sample()
    gpus.sample()

    assert gpus.read() == (
        GpuReading(index=0, uuid="0a1b2c3d", name="NVIDIA A"),
        GpuReading(index=1, uuid="99887766", name="NVIDIA B", utilization_mean=0.8, utilization_max=0.8,
                   memory_used_bytes=3 * GIB, memory_total_bytes=8 * GIB),
    )  # fmt: skip
    assert heard == ["no figures of GPU 0: NVMLError_GpuIsLost"]


def test_a_passing_trouble_passes() -> None:
    """Told once for each time that it begins; afterwards the GPU is read as before."""
    heard, card = list[str](), a_card()
    gpu = sampler(Nvml(card), Clock(), heard.append)
    well = card.memory
    for memory in (NVMLError_Timeout(), NVMLError_Timeout(), well, NVMLError_Timeout(), well):
        card.memory = memory
        gpu.sample()

    assert heard == ["no figures of GPU 0: NVMLError_Timeout"] * 2
    assert (gpu.read() or ())[0].memory_used_bytes == 3 * GIB


def test_a_heartbeat_is_told_what_was_since_the_last_one() -> None:
    """Mean and peak of the new samples only; without new ones they are null."""
    clock, card = Clock(), a_card()
    gpu = sampler(Nvml(card), clock)
    found = []
    for at, samples in ((1.0, [(0.2, 20), (0.9, 60)]), (2.0, [(0.9, 60), (1.9, 100)]), (3.0, [(1.9, 100)])):
        clock.now, card.samples = at, samples
        gpu.sample()
        [reading] = gpu.read() or ()
        found.append((reading.utilization_mean, reading.utilization_max))

    assert found == [(0.4, 0.6), (1.0, 1.0), (None, None)]


def test_a_machine_without_a_driver_has_no_gpus_and_no_word_of_it() -> None:
    """That is ordinary; another failure of the driver is told once. No thread runs."""
    heard: list[str] = []

    for error in (NVMLError_LibraryNotFound(), NVMLError()):
        gpus = sampler(Nvml(a_card(), error=error), Clock(), heard.append)
        gpus.start()
        assert (gpus.read(), gpus.during(0.0, 1.0, None, None)) == (None, {})
        gpus.close()

    assert heard == ["no GPU figures: NVMLError"]
    assert "gpu-sampler" not in {thread.name for thread in threading.enumerate()}


def test_the_thread_samples_until_it_is_ended_and_lets_the_driver_go() -> None:
    """It looks by itself, first at once; after closing nothing is read any more."""
    card = a_card()
    seen = threading.Event()

    class Telling(Nvml):
        def nvmlDeviceGetMemoryInfo(self, card: Card) -> Any:
            seen.set()
            return super().nvmlDeviceGetMemoryInfo(card)

    nvml = Telling(card)
    gpu = sampler(nvml, Clock())

    gpu.start()
    looked_at = seen.wait(120)
    gpu.close()

    assert (looked_at, nvml.ended, gpu.read()) == (True, True, None)
    assert "gpu-sampler" not in {thread.name for thread in threading.enumerate()}
