"""One order with one worker, frame by frame."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from tests.tts_app.engines.hosting import order
from tts_app.engines.exchange import Exchange, named
from tts_app.engines.info import EngineInfo
from tts_app.engines.process import WorkerDied, WorkerProcess
from tts_app.engines.progress import Limits, Progress
from tts_app.errors import RequestFailed

LAST = ({"id": 7, "ok": True, "segments": 1}, b"")
INFO = EngineInfo(name="a", kind="b", sample_rate_hz=8000)


def audio(number: int, payload: bytes = b"ab") -> tuple[dict[str, Any], bytes]:
    return {"id": number, "chunk": 0}, payload


class Process:
    """A worker that says `frames`, then dies with `code`."""

    def __init__(self, *frames: tuple[dict[str, Any], bytes], code: int | None = 1) -> None:
        self.frames = list(frames)
        self.code = code
        self.sent: list[dict[str, Any]] = []

    async def send(self, header: dict[str, Any], payload: bytes = b"") -> None:
        self.sent.append(header)

    async def read(self) -> tuple[dict[str, Any], bytes]:
        if not self.frames:
            raise WorkerDied("the worker ended")
        return self.frames.pop(0)

    async def death(self) -> int | None:
        return self.code


def exchange(process: Process, **limits: Any) -> tuple[Exchange, bytes, RequestFailed | None, Progress]:
    """The finished exchange of order 7, the PCM that came, what went wrong, and the progress."""
    progress = Progress(info=INFO)

    async def run() -> tuple[Exchange, bytes, RequestFailed | None]:
        one = Exchange(
            cast("WorkerProcess", process),
            Limits(**limits),
            progress,
            clock=lambda: 1.0,
            death=lambda code: f"DIED {code}",
        )
        await one.run(order("hello"), 7)
        pcm = b""
        try:
            async for piece in one.pieces():
                pcm += piece
        except RequestFailed as exc:
            return one, pcm, exc
        return one, pcm, None

    return *asyncio.run(run()), progress


def test_audio_and_figures_come_in_order() -> None:
    """Beats in between say nothing to the client."""
    one, pcm, failed, progress = exchange(Process(audio(7, b"ab"), ({"beat": True}, b""), audio(7, b"cd"), LAST))

    assert (pcm, failed, one.in_step, one.ended) == (b"abcd", None, True, True)
    assert (progress.figures, progress.synthesis_seconds) == ({"segments": 1, "warnings": ()}, 0.0)


@pytest.mark.parametrize(
    "frames",
    [
        (audio(6), LAST),
        (({"id": 6, "ok": True}, b""), LAST),
        (({"id": None, "ok": False}, b""), LAST),
        (({}, b""), LAST),
    ],
)
def test_another_order_s_answer_is_nobody_s(frames: tuple[Any, ...]) -> None:
    """A worker that is out of step is as good as dead: no sound of it reaches this client."""
    one, pcm, failed, _ = exchange(Process(*frames))

    assert failed is not None
    assert (failed.code, pcm, one.in_step) == ("DIED 1", b"", False)


def test_a_death_in_the_middle_keeps_what_came() -> None:
    """The client of a stream has heard it already."""
    one, pcm, failed, _ = exchange(Process(audio(7), code=-6))

    assert failed is not None
    assert (failed.code, pcm, one.in_step) == ("DIED -6", b"ab", False)


def test_more_sound_than_anybody_wants_is_cut_off() -> None:
    """A second at 8,000 Hz is 16,000 bytes."""
    one, pcm, failed, _ = exchange(Process(audio(7, bytes(16000)), audio(7), LAST), audio_seconds=1)

    assert failed is not None
    assert (failed.code, len(pcm), one.in_step) == ("BAD_OUTPUT", 16000, False)


@pytest.mark.parametrize(
    ("header", "code", "in_step"),
    [
        ({"code": "OOM_GPU", "error": "OutOfMemoryError"}, "OOM_GPU", True),
        ({"code": "CUDA_ERROR", "fatal": True}, "CUDA_ERROR", False),
        ({"code": "CANCELLED"}, "INTERNAL", True),
        ({"code": "QUEUE_FULL"}, "INTERNAL", True),
        ({"code": ["x"]}, "INTERNAL", True),
        ({}, "INTERNAL", True),
    ],
)
def test_a_worker_s_code_is_one_of_the_known(header: dict[str, Any], code: str, in_step: bool) -> None:
    """What only the service may say, or nobody, is an internal error."""
    one, _, failed, _ = exchange(Process(({"id": 7, "ok": False, **header}, b"")))

    assert failed is not None
    assert (failed.code, one.in_step) == (code, in_step)


@pytest.mark.parametrize(
    ("error", "name"),
    [("KeyError", "KeyError"), ("a text", "WorkerFailed"), ("", "WorkerFailed"), ("错", "WorkerFailed")],
)
def test_only_the_name_of_a_class_is_told(error: str, name: str) -> None:
    """What is no name could be anything."""
    assert type(named(error)).__name__ == name
    assert str(named(error)) == ""
