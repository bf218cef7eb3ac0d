"""One engine's workers: what goes wrong in one costs one order, and another takes its place."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import os
import signal
import subprocess
import wave
from pathlib import Path
from typing import Any

import pytest

from tests.tts_app.engines.hosting import PCM, alive, code_of, fake, order, run, speak, until
from tts_app.engines.host import EngineHost
from tts_app.engines.info import EngineInfo, Speaker
from tts_app.engines.progress import Progress
from tts_app.errors import RequestFailed


def test_an_order_is_spoken_and_told() -> None:
    """The PCM comes back; the progress knows the worker, its count, the seconds and the engine's figures."""

    async def steps(host: EngineHost) -> None:
        first, second = Progress(), Progress()
        assert await speak(host, "hello", first) == PCM
        assert await speak(host, "hello", second) == PCM

        assert [first.worker_requests, second.worker_requests] == [1, 2]
        assert [first.cold_start, second.cold_start] == [True, False]
        assert (second.worker, second.info) == (0, host.info)
        assert second.queue_seconds is not None
        assert second.synthesis_seconds is not None
        stages = second.figures.pop("stage_seconds")
        assert set(stages) == {"frontend", "synth"}
        assert 0 < sum(stages.values()) <= second.synthesis_seconds
        assert second.figures.pop("cpu_seconds") > 0
        assert second.figures.pop("rss_bytes") > 1_000_000
        assert second.figures == {
            "segments": 2,
            "text_tokens": 5,
            "tokenizer": "letters",
            "emotion_applied": False,
            "warnings": (),
        }

    run(steps)


def test_what_an_engine_is_becomes_known_when_it_is_loaded() -> None:
    """Everything it says of itself but a path that it calls a name."""

    async def steps(host: EngineHost) -> None:
        assert host.info == EngineInfo(
            name="fake",
            kind=host.spec.kind,
            engine_version="1.0",
            model="fake/one",
            vocoder=None,
            precision="fp32",
            device="cpu",
            sample_rate_hz=22050,
            languages=("en", "zh"),
            speakers=(Speaker(id="anna", label="Anna", language="en"), Speaker(id="bert", label="bert")),
            emotion_modes=("preset", "vector", "text"),
            streams=True,
            speed=True,
            clones=True,
            max_chars=200,
        )
        status = host.status(default=True)
        assert (status.workers_up, status.workers_busy, status.problem) == (1, 0, None)

    run(steps)


def test_a_stream_comes_while_it_is_spoken() -> None:
    """The first chunk is there before the last one is made, and closing lets the worker give up."""

    async def steps(host: EngineHost) -> None:
        before, progress = host.pids, Progress()
        chunks = host.speak(order("wait", stream=True), progress)
        assert await anext(chunks) == PCM[: len(PCM) // 2]
        assert host.workers_busy == 1
        await chunks.aclose()

        assert progress.synthesis_seconds is not None
        assert await speak(host, "hello") == PCM
        assert host.pids == before

    run(steps)


def test_two_workers_speak_at_the_same_time() -> None:
    """One is held up, the other goes on; each has its device."""

    async def steps(host: EngineHost) -> None:
        chunks = host.speak(order("wait", stream=True), held := Progress())
        await anext(chunks)
        assert await speak(host, "hello", free := Progress()) == PCM
        assert {held.worker, free.worker} == {0, 1}
        assert [slot.info.device for slot in host._slots if slot.info] == ["cpu", "cuda:1"]
        await chunks.aclose()

    run(steps, fake(devices=("cpu", "cuda:1")))


def test_a_deadline_ends_a_synthesis_and_the_next_one_works() -> None:
    """The process that is beyond help is killed; another takes its place."""

    async def steps(host: EngineHost) -> None:
        before, progress = host.pids, Progress()
        assert await code_of(host, "freeze", progress) == "SYNTH_TIMEOUT"
        assert progress.synthesis_seconds is not None
        host.limits = dataclasses.replace(host.limits, synthesis_seconds=60)
        assert await speak(host, "hello") == PCM
        assert host.pids != before

    run(steps, synthesis_seconds=0.2)


def test_a_worker_without_a_sign_of_life_is_lost() -> None:
    """Long before the deadline: it costs this order, and the next one is spoken by another process."""

    async def steps(host: EngineHost) -> None:
        with pytest.raises(RequestFailed) as caught:
            await speak(host, "freeze")
        assert (caught.value.code, type(caught.value.__cause__).__name__) == ("ENGINE_CRASH", "WorkerHung")
        host.limits = dataclasses.replace(host.limits, hang_seconds=60)
        assert await speak(host, "hello") == PCM

    run(steps, hang_seconds=0.2)


def test_audio_without_end_is_cut_off() -> None:
    """More than anybody could want, in a pipe that nobody empties: the process ends, and another takes its place."""

    async def steps(host: EngineHost) -> None:
        before = host.pids
        assert await code_of(host, "pour") == "BAD_OUTPUT"
        assert await speak(host, "hello") == PCM
        assert host.pids != before

    run(steps, audio_seconds=30)


@pytest.mark.parametrize("text", ["pour", "deaf", "freeze"])
def test_the_end_does_not_wait_for_an_order(text: str) -> None:
    """Closed in the middle of what will never end: who waits is told, and no process is left."""

    async def steps(host: EngineHost) -> None:
        speaking = asyncio.create_task(speak(host, text))
        await until(lambda: host.workers_busy)
        pids = host.pids
        await host.close()
        with pytest.raises(RequestFailed) as caught:
            await speaking
        assert caught.value.code == "ENGINE_UNAVAILABLE"
        assert not any(alive(pid) for pid in pids)

    run(steps)


@pytest.mark.parametrize(("text", "code"), [("die", "ENGINE_CRASH"), ("exit 0", "ENGINE_CRASH")])
def test_a_crash_costs_one_order(text: str, code: str) -> None:
    """The next one is spoken by a new process, which counts anew."""

    async def steps(host: EngineHost) -> None:
        progress = Progress()
        assert await code_of(host, text) == code
        assert await speak(host, "hello", progress) == PCM
        assert progress.worker_requests == 1

    run(steps)


@pytest.mark.parametrize(("counts", "code"), [([7, 8], "OOM_HOST"), ([7, 7], "ENGINE_CRASH"), ([], "ENGINE_CRASH")])
def test_what_the_kernel_killed_was_too_big(counts: list[int], code: str) -> None:
    """A kill -9 together with a new entry in the kernel's count; without one somebody else did it."""

    async def steps(host: EngineHost) -> None:
        speaking = asyncio.create_task(code_of(host, "deaf"))
        await until(lambda: host.workers_busy)
        os.kill(host.pids[0], signal.SIGKILL)
        assert await speaking == code

    left = list(counts)
    run(steps, oom_kills=lambda: left.pop(0) if left else None)


@pytest.mark.parametrize(
    ("text", "code", "cause", "survives"),
    [
        ("fail UNSPEAKABLE_TEXT", "UNSPEAKABLE_TEXT", "SynthesisFailed", True),
        ("fail TEXT_TOO_LONG", "TEXT_TOO_LONG", "SynthesisFailed", True),
        ("fail UNSUPPORTED_LANGUAGE", "UNSUPPORTED_LANGUAGE", "SynthesisFailed", True),
        ("fail INVALID_SPEAKER", "INVALID_SPEAKER", "SynthesisFailed", True),
        ("fail INVALID_EMOTION", "INVALID_EMOTION", "SynthesisFailed", True),
        ("fail INVALID_PARAM", "INVALID_PARAM", "SynthesisFailed", True),
        ("fail REF_AUDIO_INVALID", "REF_AUDIO_INVALID", "SynthesisFailed", True),
        ("fail ENGINE_UNAVAILABLE", "ENGINE_UNAVAILABLE", "SynthesisFailed", True),
        ("fail SYNTH_TIMEOUT", "SYNTH_TIMEOUT", "SynthesisFailed", True),
        ("fail CANCELLED", "INTERNAL", "SynthesisFailed", True),
        ("fail NONSENSE", "INTERNAL", "SynthesisFailed", True),
        ("fatal ENGINE_CRASH", "ENGINE_CRASH", "SynthesisFailed", False),
        ("raise MemoryError", "OOM_HOST", "MemoryError", True),
        ("raise OutOfMemoryError CUDA out of memory.", "OOM_GPU", "OutOfMemoryError", True),
        ("raise RuntimeError CUDA error: device-side assert triggered", "CUDA_ERROR", "RuntimeError", False),
        ("raise ValueError a secret", "INTERNAL", "ValueError", True),
        ("raise SystemExit 3", "INTERNAL", "SystemExit", False),
        ("nothing", "BAD_OUTPUT", "SynthesisFailed", True),
        ("half", "BAD_OUTPUT", "SynthesisFailed", True),
    ],
)
def test_every_failure_costs_one_order(text: str, code: str, cause: str, survives: bool) -> None:
    """With its code and the class of what was raised, never with its words; the process is replaced where it has to be."""

    async def steps(host: EngineHost) -> None:
        before = host.pids
        with pytest.raises(RequestFailed) as caught:
            await speak(host, text)
        assert (caught.value.code, type(caught.value.__cause__).__name__) == (code, cause)
        assert "secret" not in str(caught.value)
        assert await speak(host, "hello") == PCM
        assert (host.pids == before) == survives

    run(steps)


def test_a_worker_that_died_idle_costs_none() -> None:
    """A process killed while it had nothing to do is replaced before anybody asks."""

    async def steps(host: EngineHost) -> None:
        before = host.pids
        os.kill(before[0], signal.SIGKILL)
        await until(lambda: host.workers_up == 1 and host.pids != before)
        assert await speak(host, "hello") == PCM

    run(steps)


def test_what_a_worker_started_ends_with_it() -> None:
    """An engine's own helper doesn't outlive a kill of the worker."""

    async def steps(host: EngineHost) -> None:
        await speak(host, "crowd")
        [worker] = host.pids
        [helper] = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
        assert await code_of(host, "fatal ENGINE_CRASH") == "ENGINE_CRASH"
        await until(lambda: not Path(f"/proc/{helper}/exe").is_symlink() or _is_zombie(helper))

    run(steps)


def _is_zombie(pid: str) -> bool:
    return subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True).stdout.startswith("Z")


def test_a_cancelled_order_does_not_mix_up_answers() -> None:
    """The next one gets its own audio, from the same process."""

    async def steps(host: EngineHost) -> None:
        before = host.pids
        gone = asyncio.create_task(speak(host, "wait"))
        await until(lambda: host.workers_busy)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        assert await code_of(host, "nothing") == "BAD_OUTPUT"
        assert await speak(host, "hello", progress := Progress()) == PCM
        assert (progress.worker_requests, host.pids) == (3, before)

    run(steps)


def test_who_does_not_give_up_is_ended() -> None:
    """After the grace the process is killed; that is no crash, so the next one starts without a pause."""

    async def steps(host: EngineHost) -> None:
        before = host.pids
        chunks = host.speak(order("deaf", stream=True), Progress())
        await anext(chunks)
        await chunks.aclose()
        await until(lambda: host.workers_up and host.pids != before)
        assert host._slots[0].crashes == 0
        assert await speak(host, "hello") == PCM

    run(steps, grace_seconds=0.05)


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        ("unready", "the weights are not there"),
        ("dead", "the worker ended"),
        ("mute", "loading took too long"),
        ("rateless", "the engine names no sample rate"),
    ],
)
def test_an_engine_that_can_not_start_is_told(broken: str, problem: str) -> None:
    """Without any worker that comes up an order is refused at once, not queued; the operator is told once."""

    async def steps(host: EngineHost) -> None:
        assert host.workers_up == 0
        assert await code_of(host, "hello") == "ENGINE_UNAVAILABLE"
        status = host.status()
        assert (status.info, status.problem) == (None, problem)
        assert status.hint == ("get the weights" if broken == "unready" else None)

    told: list[str] = []
    seconds = 1.0 if broken == "mute" else 60.0
    run(steps, fake(options={"broken": broken}, start_seconds=seconds), tell=told.append)
    assert len(told) == 1
    assert told[0].startswith("fake: worker 0 can't be started: ")


def test_a_worker_is_replaced_after_enough_orders() -> None:
    """While nobody waits; the orders go on, and count anew."""

    async def steps(host: EngineHost) -> list[int | None]:
        counts = []
        for _ in range(5):
            await speak(host, "hello", progress := Progress())
            counts.append(progress.worker_requests)
        return counts

    assert run(steps, fake(recycle_after=2)) == [1, 2, 1, 2, 1]


def test_a_busy_worker_is_replaced_at_last() -> None:
    """With no moment in which nobody waits it goes on until it has served twice as many."""

    async def steps(host: EngineHost) -> list[int | None]:
        progresses = [Progress() for _ in range(9)]
        await asyncio.gather(*(speak(host, "hello", progress) for progress in progresses))
        return [progress.worker_requests for progress in progresses]

    assert run(steps, fake(recycle_after=2)) == [1, 2, 3, 4, 1, 2, 3, 4, 1]


def test_a_warmed_up_worker_is_not_cold() -> None:
    """It has spoken once before, and that doesn't count."""

    async def steps(host: EngineHost) -> None:
        await speak(host, "hello", progress := Progress())
        assert (progress.cold_start, progress.worker_requests, progress.figures["segments"]) == (False, 1, 2)

    run(steps, fake(warm_up=True))


def test_a_reference_reaches_the_engine_as_a_file() -> None:
    """Decoded in the worker, the same sound under the same path, and nothing is left of it when the worker is gone."""

    async def steps(host: EngineHost) -> Path:
        sounds: list[Any] = [await speak(host, "reference", reference=_wave()) for _ in range(2)]
        assert sounds[0] == sounds[1]
        folder = Path(host._slots[0].process._folder or "")  # type: ignore[union-attr]
        assert [path.suffix for path in folder.iterdir()] == [".wav"]
        assert await code_of_reference(host, b"no sound") == "REF_AUDIO_INVALID"
        return folder

    assert not run(steps).exists()


async def code_of_reference(host: EngineHost, upload: bytes) -> str:
    with pytest.raises(RequestFailed) as caught:
        await speak(host, "reference", reference=upload)
    return caught.value.code


def _wave() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16000)
        sound.writeframes(b"\0\x40\0\xc0" * 8000)
    return out.getvalue()
