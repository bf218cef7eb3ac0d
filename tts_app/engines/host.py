"""Runs the workers: a bounded queue in front of N processes, deadlines, and a new process for one that died.

All methods belong to one event loop. What goes wrong is raised as RequestFailed with a code of `events.ERRORS`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tts_app.engines.process import WorkerDied, WorkerProcess, WorkerRefused
from tts_app.errors import RequestFailed

RESTART_PAUSES_SECONDS = (0.0, 0.5, 2.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may wait, and how long anything may take, in seconds."""

    workers: int = 1
    max_queue: int = 64
    queue_seconds: float = 30.0
    synthesis_seconds: float = 60.0
    start_seconds: float = 30.0


@dataclass(slots=True)
class Progress:
    """What is known so far of one synthesis, filled in as it goes, so that a failure can tell it as well."""

    queue_seconds: float | None = None
    synthesis_seconds: float | None = None
    worker: int | None = None
    worker_requests: int | None = None
    engine_version: str | None = None
    header: dict[str, Any] = field(default_factory=dict)


class EngineHost:
    """N worker processes behind one queue.

    Args:
        command: what starts a worker.
        limits: sizes and deadlines.
        clock: monotonic seconds.
        tell: gets one line when a worker can't be started.
    """

    def __init__(
        self,
        command: tuple[str, ...],
        limits: Limits,
        *,
        clock: Callable[[], float] = time.perf_counter,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.limits = limits
        self.waiting = 0
        self._clock = clock
        self._tell = tell
        self._idle: asyncio.Queue[WorkerProcess] = asyncio.Queue()
        self._workers = [WorkerProcess(slot, command) for slot in range(limits.workers)]
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = False

    @property
    def workers_configured(self) -> int:
        """How many workers there should be."""
        return self.limits.workers

    @property
    def workers_up(self) -> int:
        """How many workers are running and ready."""
        return sum(worker.ready and worker.pid is not None for worker in self._workers)

    @property
    def workers_busy(self) -> int:
        """How many workers have an order that is not answered yet."""
        return sum(worker.ready and not worker.in_step for worker in self._workers)

    @property
    def pids(self) -> list[int]:
        """Process ids of the running workers, by slot."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    async def start(self) -> None:
        """Starts all workers and waits until each is ready or has failed for the first time."""
        await asyncio.gather(*(self._try_start(worker) for worker in self._workers))
        for worker in self._workers:
            if not worker.ready:
                self._spawn(self._restart(worker))

    async def close(self) -> None:
        """Ends every worker; none is left when this returns."""
        self._closing = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(worker.stop() for worker in self._workers))

    async def synthesize(self, order: dict[str, Any], progress: Progress) -> bytes:
        """The PCM of `order`, after waiting for a free worker; fills `progress`.

        Raises:
            RequestFailed: QUEUE_FULL, QUEUE_TIMEOUT, ENGINE_UNAVAILABLE, SYNTH_TIMEOUT, ENGINE_CRASH or BAD_OUTPUT.
        """
        worker = await self._free_worker(progress)
        # A cancelled caller leaves the exchange running: the worker's answer must be read before its next order.
        return await asyncio.shield(self._spawn(self._exchange(worker, order, progress)))

    async def _free_worker(self, progress: Progress) -> WorkerProcess:
        if self._closing or all(worker.failed for worker in self._workers):
            raise RequestFailed("ENGINE_UNAVAILABLE", "The voice engine is not running.")
        if self._idle.empty() and self.waiting >= self.limits.max_queue:
            raise RequestFailed("QUEUE_FULL", "Too many requests are waiting; try again shortly.")
        start = self._clock()
        self.waiting += 1
        try:
            async with asyncio.timeout(self.limits.queue_seconds):
                worker = await self._idle.get()
                while worker.pid is None:  # it died while it had nothing to do
                    self._spawn(self._restart(worker))
                    worker = await self._idle.get()
                return worker
        except TimeoutError as exc:
            raise RequestFailed("QUEUE_TIMEOUT", "No worker became free in time; try again shortly.") from exc
        finally:
            self.waiting -= 1
            progress.queue_seconds = self._clock() - start

    async def _exchange(self, worker: WorkerProcess, order: dict[str, Any], progress: Progress) -> bytes:
        progress.worker, progress.engine_version = worker.slot, worker.engine_version
        worker.requests += 1
        progress.worker_requests = worker.requests
        start = self._clock()
        try:
            async with asyncio.timeout(self.limits.synthesis_seconds):
                header, pcm = await worker.ask(order)
        except TimeoutError as exc:
            raise RequestFailed("SYNTH_TIMEOUT", "The synthesis took too long and was stopped.") from exc
        except WorkerDied as exc:
            raise RequestFailed("ENGINE_CRASH", "The voice engine crashed on this request.") from exc
        except WorkerRefused as exc:
            self._idle.put_nowait(worker)
            raise RequestFailed("BAD_OUTPUT", "The voice engine could not speak this.") from exc
        else:
            self._idle.put_nowait(worker)
            progress.header = header
            return pcm
        finally:
            progress.synthesis_seconds = self._clock() - start
            if not worker.in_step and not self._closing:
                self._spawn(self._restart(worker))

    async def _try_start(self, worker: WorkerProcess) -> bool:
        try:
            async with asyncio.timeout(self.limits.start_seconds):
                await worker.start()
        except (WorkerDied, TimeoutError, OSError) as exc:
            await worker.stop()
            if not worker.failed:
                self._tell(f"worker {worker.slot} can't be started: {exc or 'it took too long'}")
            worker.failed = True
            return False
        worker.failed = False
        self._idle.put_nowait(worker)
        return True

    async def _restart(self, worker: WorkerProcess) -> None:
        await worker.kill()
        attempt = 0
        while not self._closing:
            await asyncio.sleep(RESTART_PAUSES_SECONDS[min(attempt, len(RESTART_PAUSES_SECONDS) - 1)])
            if await self._try_start(worker):
                return
            attempt += 1

    def _spawn(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        # The caller may have been cancelled: look at the outcome, or asyncio complains that nobody did.
        with contextlib.suppress(asyncio.CancelledError):
            task.exception()
