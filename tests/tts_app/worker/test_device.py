"""What a worker asks torch about its CUDA device, with a stand-in for torch: no test machine has a GPU."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tts_app.worker.vox_worker.device import Device
from tts_app.worker.vox_worker.report import Report


class Cuda:
    """As much of torch.cuda as is asked for; `now` is the device's own time in milliseconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[tuple[str, Any]] = []

    def Event(self, *, enable_timing: bool) -> Any:
        assert enable_timing
        event = SimpleNamespace(at=None)
        event.record = lambda stream: setattr(event, "at", (stream, self.now))
        event.elapsed_time = lambda later: later.at[1] - event.at[1]
        return event

    def current_stream(self, device: str) -> str:
        return f"stream of {device}"

    def __getattr__(self, name: str) -> Any:
        def ask(*arguments: Any) -> int:
            self.asked.append((name, *arguments))
            return 4096

        return ask


def test_stages_on_cuda_are_the_device_s_own_time() -> None:
    """Counted from the beginning of the order, and read only once the device is done."""
    cuda = Cuda()
    report = Report(Device("cuda:1", SimpleNamespace(cuda=cuda)))

    with report.stage("gpt"):
        cuda.now += 1500
    with report.stage("vocoder"):
        cuda.now += 250
    figures = report.figures()

    assert figures["stage_seconds"] == {"gpt": 1.5, "vocoder": 0.25}
    assert (figures["gpu_seconds"], figures["gpu_memory_peak_bytes"]) == (1.75, 4096)
    assert cuda.asked == [
        ("reset_peak_memory_stats", "cuda:1"),
        ("synchronize", "cuda:1"),
        ("max_memory_allocated", "cuda:1"),
    ]


def test_without_a_device_nothing_is_asked() -> None:
    """What can't be measured is null and not 0, whatever is loaded."""
    report = Report(Device("cpu", SimpleNamespace(cuda=None)))

    with report.stage("gpt"):
        pass
    report.warn("mel_truncated")
    report.warn("mel_truncated")
    figures = report.figures()

    assert figures["gpu_seconds"] is None
    assert "gpu_memory_peak_bytes" not in figures
    assert figures["warnings"] == ["mel_truncated"]
    assert figures["rss_bytes"] > 1_000_000


def test_memory_is_given_back_after_there_was_too_little() -> None:
    """On that device alone."""
    cuda = Cuda()

    Device("cuda:0", SimpleNamespace(cuda=cuda)).relax()
    Device("cpu", SimpleNamespace(cuda=cuda)).relax()

    assert [name for name, *_ in cuda.asked] == ["empty_cache"]
