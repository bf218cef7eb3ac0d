"""The queue before the workers: bounded, with deadlines, and with a new worker for one that died."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tts_app.engines.host import EngineHost, Limits, Progress
from tts_app.errors import RequestFailed

WORKER = (sys.executable, str(Path(__file__).with_name("scripted_worker.py")))
PCM = b"\0\x40" * 2205


def run(steps: Callable[[EngineHost], Awaitable[Any]], *broken: str, **limits: Any) -> Any:
    """What `steps` gives with a started host, which is closed afterwards and has no process left."""

    async def with_host() -> Any:
        host = EngineHost((*WORKER, *broken), Limits(**limits))
        await host.start()
        try:
            async with asyncio.timeout(20):
                return await steps(host)
        finally:
            pids = host.pids
            await host.close()
            assert not any(alive(pid) for pid in pids)

    return asyncio.run(with_host())


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def speak(host: EngineHost, text: str, progress: Progress | None = None) -> bytes:
    return await host.synthesize({"text": text}, progress or Progress())


async def code_of(host: EngineHost, text: str) -> str:
    with pytest.raises(RequestFailed) as caught:
        await speak(host, text)
    return caught.value.code


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


def test_an_order_is_spoken_and_told() -> None:
    """The PCM comes back, and the progress knows the worker, its count and the seconds."""

    async def steps(host: EngineHost) -> None:
        first, second = Progress(), Progress()
        assert await speak(host, "hello", first) == PCM
        assert await speak(host, "hello", second) == PCM

        assert [first.worker_requests, second.worker_requests] == [1, 2]
        assert (second.worker, second.engine_version) == (0, "1.0")
        assert second.queue_seconds is not None
        assert second.synthesis_seconds is not None
        assert second.header["stage_seconds"] == {"synth": 0.0}

    run(steps)


def test_two_workers_speak_at_the_same_time() -> None:
    """One hangs, the other goes on."""

    async def steps(host: EngineHost) -> None:
        hanging = asyncio.create_task(speak(host, "hang"))
        await until(lambda: host.waiting == 0)
        assert await speak(host, "hello") == PCM
        hanging.cancel()

    run(steps, workers=2)


def test_a_full_queue_refuses() -> None:
    """One is being spoken, one waits, the third is refused at once."""

    async def steps(host: EngineHost) -> None:
        busy = [asyncio.create_task(speak(host, "hang")) for _ in range(2)]
        await until(lambda: host.waiting == 1)
        assert await code_of(host, "hello") == "QUEUE_FULL"
        for task in busy:
            task.cancel()

    run(steps, max_queue=1)


def test_waiting_has_a_limit() -> None:
    """Who waits too long is told so, and leaves the queue."""

    async def steps(host: EngineHost) -> None:
        busy = asyncio.create_task(speak(host, "hang"))
        await asyncio.sleep(0)
        progress = Progress()
        with pytest.raises(RequestFailed) as caught:
            await speak(host, "hello", progress)
        assert caught.value.code == "QUEUE_TIMEOUT"
        assert progress.queue_seconds is not None
        assert progress.queue_seconds >= 0.05
        assert host.waiting == 0
        busy.cancel()

    run(steps, queue_seconds=0.05)


def test_a_hanging_synthesis_is_ended_and_the_next_one_works() -> None:
    """The deadline kills the process; another takes its place."""

    async def steps(host: EngineHost) -> None:
        before = host.pids
        progress = Progress()
        with pytest.raises(RequestFailed) as caught:
            await speak(host, "hang", progress)
        assert caught.value.code == "SYNTH_TIMEOUT"
        assert progress.synthesis_seconds is not None
        assert await speak(host, "hello") == PCM
        assert host.pids != before

    run(steps, synthesis_seconds=0.2)


def test_a_deadline_in_the_middle_of_a_large_answer_leaves_no_worker_behind() -> None:
    """The pipe is full of audio that nobody reads; the process ends all the same, and another takes its place."""

    async def steps(host: EngineHost) -> None:
        before = host.pids
        assert await code_of(host, "pour") == "SYNTH_TIMEOUT"
        assert await speak(host, "hello") == PCM
        assert host.pids != before

    run(steps, synthesis_seconds=0.3)


def test_the_end_does_not_wait_for_a_large_answer() -> None:
    """Closed while audio comes in that nobody wants any more: no process is left, at once."""

    async def steps(host: EngineHost) -> None:
        speaking = asyncio.create_task(speak(host, "pour"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await speaking
        async with asyncio.timeout(10):
            await host.close()

    run(steps)


def test_a_crash_costs_one_request() -> None:
    """The order that kills its worker fails; the next one is spoken by a new process, which counts anew."""

    async def steps(host: EngineHost) -> None:
        progress = Progress()
        assert await code_of(host, "die") == "ENGINE_CRASH"
        assert await speak(host, "hello", progress) == PCM
        assert progress.worker_requests == 1

    run(steps)


def test_a_worker_that_died_idle_costs_none() -> None:
    """A process killed while it had nothing to do is replaced before the next order reaches it."""

    async def steps(host: EngineHost) -> None:
        os.kill(host.pids[0], signal.SIGKILL)
        await until(lambda: host.workers_up == 0)
        assert await speak(host, "hello") == PCM
        assert host.workers_up == 1

    run(steps)


def test_an_order_the_engine_refuses_leaves_the_worker_alone() -> None:
    """BAD_OUTPUT, and the same process speaks the next order."""

    async def steps(host: EngineHost) -> None:
        before = host.pids
        assert await code_of(host, "refuse") == "BAD_OUTPUT"
        assert await speak(host, "hello") == PCM
        assert host.pids == before

    run(steps)


def test_a_cancelled_order_does_not_mix_up_answers() -> None:
    """The answer nobody waits for any more is read all the same, so that the next order gets its own."""

    async def steps(host: EngineHost) -> None:
        gone = asyncio.create_task(speak(host, "hello"))
        await asyncio.sleep(0)
        gone.cancel()
        progress = Progress()
        assert await code_of(host, "refuse") == "BAD_OUTPUT"
        assert await speak(host, "hello", progress) == PCM
        assert progress.worker_requests == 3

    run(steps)


@pytest.mark.parametrize("broken", ["unready", "dead", "mute"])
def test_an_engine_that_can_not_start_is_told(broken: str) -> None:
    """Without any worker that comes up a request is refused at once, not queued."""

    async def steps(host: EngineHost) -> None:
        assert host.workers_up == 0
        assert await code_of(host, "hello") == "ENGINE_UNAVAILABLE"

    run(steps, broken, start_seconds=0.5)
