"""One engine: a bounded queue in front of its workers, deadlines, and a new process for one that died.

All methods belong to one event loop. What goes wrong is raised as RequestFailed with a code of `events.ERRORS`.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any

from tts_app.engines.exchange import Exchange
from tts_app.engines.info import EngineInfo, EngineStatus
from tts_app.engines.progress import EngineOrder, Limits, Progress
from tts_app.engines.slots import Slot, oom_kills
from tts_app.engines.spec import EngineSpec
from tts_app.engines.waiting import WaitingLine
from tts_app.errors import RequestFailed

FAILED_STARTS = 3


class EngineHost:
    """The workers of one engine.

    Args:
        spec: which engine, how many workers.
        limits: sizes and deadlines.
        clock: monotonic seconds.
        tell: gets one line when a worker can't be started, and harmless lines that engines print.
        oom_kills: how many processes the kernel has killed for want of memory.
    """

    def __init__(
        self,
        spec: EngineSpec,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.perf_counter,
        tell: Callable[[str], None] = lambda _: None,
        oom_kills: Callable[[], int | None] = oom_kills,
    ) -> None:
        self.spec = spec
        self.limits = limits
        self.info: EngineInfo | None = None
        self._clock = clock
        self._slots = [Slot(number, spec, tell=tell, oom_kills=oom_kills) for number in range(spec.slots)]
        self._idle: list[Slot] = []
        self._line: WaitingLine[Slot] = WaitingLine(limits.max_queue)
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = False

    @property
    def name(self) -> str:
        """What orders call it."""
        return self.spec.name

    @property
    def waiting(self) -> int:
        """How many orders wait for a worker."""
        return len(self._line)

    @property
    def workers_configured(self) -> int:
        """How many workers there should be."""
        return len(self._slots)

    @property
    def workers_up(self) -> int:
        """How many workers are running and ready."""
        return sum(slot.up for slot in self._slots)

    @property
    def workers_busy(self) -> int:
        """How many workers have an order that is not answered yet."""
        return sum(slot.busy for slot in self._slots)

    @property
    def _hopeless(self) -> bool:
        """Whether waiting makes no sense: no worker can be started, in several attempts where the engine was up before."""
        attempts = 1 if self.info is None else FAILED_STARTS
        return all(slot.failures >= attempts for slot in self._slots)

    @property
    def pids(self) -> list[int]:
        """Process ids of the running workers, by slot."""
        return [slot.process.pid for slot in self._slots if slot.process is not None and slot.process.pid is not None]

    def status(self, *, default: bool = False) -> EngineStatus:
        """How it is at this moment."""
        told = next((slot for slot in self._slots if slot.problem is not None), None)
        return EngineStatus(
            name=self.name,
            kind=self.spec.kind,
            default=default,
            info=self.info,
            workers_configured=self.workers_configured,
            workers_up=self.workers_up,
            workers_busy=self.workers_busy,
            waiting=self.waiting,
            problem=told.problem if told else None,
            hint=told.hint if told else None,
        )

    async def start(self) -> None:
        """Starts all workers and waits until each is ready or has failed for the first time."""
        await asyncio.gather(*(self._start(slot) for slot in self._slots))

    async def close(self) -> None:
        """Ends every worker; none is left when this returns."""
        self._closing = True
        self._line.refuse_all(_not_running())
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(slot.stop() for slot in self._slots))

    async def speak(
        self, order: EngineOrder, progress: Progress, client: str | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The PCM of `order` in chunks as they come, after waiting for a free worker; fills `progress`.

        Closed early, or cancelled while it waits, it lets the worker give up the order.

        Raises:
            RequestFailed: QUEUE_FULL, RATE_LIMITED, QUEUE_TIMEOUT, ENGINE_UNAVAILABLE, SYNTH_TIMEOUT, ENGINE_CRASH, OOM_HOST,
                or what the engine itself answered.
        """
        slot = await self._free_slot(progress, client or "")
        assert slot.process is not None  # noqa: S101 - a slot is free only with a process
        exchange = Exchange(slot.process, self.limits, progress, clock=self._clock, death=slot.code_of_death)
        running = self._spawn(self._serve(slot, exchange, order, progress))
        try:
            async for piece in exchange.pieces():
                yield piece
        finally:
            if not exchange.ended:
                # Ends by itself, within the grace: the worker's answer must be read before its next order.
                progress.ended = self._clock()
                progress.synthesis_seconds = progress.ended - (progress.started or progress.ended)
                self._spawn(exchange.cancel())
            else:
                await asyncio.wait([running])

    async def _free_slot(self, progress: Progress, client: str) -> Slot:
        if self._closing or self._hopeless:
            raise _not_running()
        start = self._clock()
        try:
            while not (slot := self._take_idle() or await self._wait(progress, client)).up:
                self._spawn(self._replace(slot))  # it died on its way here
            return slot
        finally:
            progress.queue_seconds = self._clock() - start

    def _take_idle(self) -> Slot | None:
        slot = next((slot for slot in self._idle if slot.up), None)
        if slot is not None:
            self._idle.remove(slot)
        return slot

    async def _wait(self, progress: Progress, client: str) -> Slot:
        ticket = self._line.join(client)
        progress.place = lambda: self._line.position(ticket)
        try:
            async with asyncio.timeout(self.limits.queue_seconds):
                return await ticket.served
        except TimeoutError as exc:
            raise RequestFailed("QUEUE_TIMEOUT", "No worker became free in time; try again shortly.") from exc
        except asyncio.CancelledError:
            if ticket.served.done() and not ticket.served.cancelled() and ticket.served.exception() is None:
                self._offer(ticket.served.result())
            raise
        finally:
            self._line.leave(ticket)

    async def _serve(self, slot: Slot, exchange: Exchange, order: EngineOrder, progress: Progress) -> None:
        slot.busy = True
        slot.requests += 1
        progress.info, progress.worker, progress.worker_requests = slot.info, slot.number, slot.requests
        progress.cold_start = slot.requests == 1 and not slot.warm
        try:
            await exchange.run(order, next(self._numbers))
        finally:
            slot.busy = False
        if self._closing:
            return
        if exchange.in_step and slot.up:
            slot.crashes = 0
            self._offer(slot)
        else:
            slot.crashes += not exchange.cancelled
            self._spawn(self._replace(slot))

    def _offer(self, slot: Slot) -> None:
        """A worker is free: it is replaced where it is time and others can take the work, else it goes on."""
        if slot.overdue or (slot.due and (self._idle or not self._line)):
            self._spawn(self._recycle(slot))
        elif not self._line.serve(slot):
            self._idle.append(slot)

    async def _recycle(self, slot: Slot) -> None:
        await slot.stop()
        await self._start(slot)

    async def _replace(self, slot: Slot) -> None:
        await slot.kill()
        await asyncio.sleep(slot.pause_seconds)
        await self._start(slot)

    async def _start(self, slot: Slot) -> None:
        if self._closing:
            return
        if await slot.start():
            self.info = slot.info
            self._spawn(self._watch(slot))
            self._offer(slot)
            return
        slot.crashes += 1
        if self._hopeless:
            self._line.refuse_all(_not_running())
        self._spawn(self._replace(slot))

    async def _watch(self, slot: Slot) -> None:
        """A process that dies while it has nothing to do is replaced before somebody needs it."""
        process = slot.process
        if process is None:
            return
        await process.gone.wait()
        if slot in self._idle and slot.process is process:
            self._idle.remove(slot)
            slot.crashes += 1
            await self._replace(slot)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        # Look at the outcome, or asyncio complains that nobody did.
        with contextlib.suppress(asyncio.CancelledError):
            task.exception()


def _not_running() -> RequestFailed:
    return RequestFailed("ENGINE_UNAVAILABLE", "The voice engine is not running.")
