"""The queue before the workers: bounded, in order, with a limit of time, and not to be filled by one client."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tts_app.engines.hosting import PCM, code_of, fake, order, run, speak, until
from tts_app.engines.host import EngineHost
from tts_app.engines.progress import Progress
from tts_app.engines.slots import Slot
from tts_app.engines.waiting import Ticket, WaitingLine
from tts_app.errors import RequestFailed


def test_a_full_queue_refuses() -> None:
    """One is being spoken, one waits, the third is refused at once."""

    async def steps(host: EngineHost) -> None:
        chunks = host.speak(order("wait", stream=True), Progress())
        await anext(chunks)
        waiting = asyncio.create_task(speak(host, "hello"))
        await until(lambda: host.waiting == 1)
        assert await code_of(host, "hello") == "QUEUE_FULL"
        await chunks.aclose()
        assert await waiting == PCM

    run(steps, max_queue=1)


def test_waiting_has_a_limit() -> None:
    """Who waits too long is told so, and leaves the queue."""

    async def steps(host: EngineHost) -> None:
        chunks = host.speak(order("wait", stream=True), Progress())
        await anext(chunks)
        progress = Progress()
        assert await code_of(host, "hello", progress) == "QUEUE_TIMEOUT"
        assert progress.queue_seconds is not None
        assert progress.queue_seconds >= 0.05
        assert (progress.synthesis_seconds, progress.worker, host.waiting) == (None, None, 0)
        await chunks.aclose()

    run(steps, queue_seconds=0.05)


def test_the_place_in_the_queue_can_be_seen() -> None:
    """1 is next; it moves up as others are served or leave, and is gone with the waiting."""

    async def steps(host: EngineHost) -> None:
        chunks = host.speak(order("wait", stream=True), Progress())
        await anext(chunks)
        progresses = [Progress() for _ in range(3)]
        assert progresses[0].position is None
        tasks = [asyncio.create_task(speak(host, "hello", progress)) for progress in progresses]
        await until(lambda: host.waiting == 3)
        assert [progress.position for progress in progresses] == [1, 2, 3]
        tasks[1].cancel()
        await until(lambda: host.waiting == 2)
        assert [progress.position for progress in progresses] == [1, None, 2]
        await chunks.aclose()
        assert await tasks[0] == await tasks[2] == PCM
        assert [progress.position for progress in progresses] == [None] * 3

    run(steps)


class Leaving(WaitingLine[Slot]):
    """A queue whose first one leaves in the very moment in which it is served."""

    leaver: asyncio.Task[bytes] | None = None

    def serve(self, what: Slot) -> bool:
        served = super().serve(what)
        if self.leaver is not None:
            self.leaver.cancel()
            self.leaver = None
        return served


def test_who_leaves_as_a_worker_becomes_free_gives_it_on() -> None:
    """A cancellation between its turn and its noticing must not lose the worker."""

    async def steps(host: EngineHost) -> None:
        line = host._line = Leaving(5)
        chunks = host.speak(order("wait", stream=True), Progress())
        await anext(chunks)
        line.leaver = asyncio.create_task(speak(host, "hello"))
        await until(lambda: host.waiting == 1)
        second = asyncio.create_task(speak(host, "hello"))
        await until(lambda: host.waiting == 2)
        await chunks.aclose()
        assert await second == PCM
        assert await speak(host, "hello") == PCM

    run(steps)


def test_a_dead_engine_lets_nobody_wait() -> None:
    """Once no worker could be started three times in a row, those in the queue are refused as well."""

    async def steps(host: EngineHost) -> None:
        chunks = host.speak(order("wait", stream=True), Progress())
        await anext(chunks)
        crash, waiting = (asyncio.create_task(code_of(host, text)) for text in ("die", "hello"))
        await until(lambda: host.waiting == 2)
        host.spec.options["broken"] = "dead"
        await chunks.aclose()
        assert (await crash, await waiting) == ("ENGINE_CRASH", "ENGINE_UNAVAILABLE")

    run(steps, fake(options={}))


def line_with(size: int, *clients: str) -> tuple[WaitingLine[int], list[Ticket[int]]]:
    line: WaitingLine[int] = WaitingLine(size)
    return line, [line.join(client) for client in clients]


def code(ticket: Ticket[int]) -> str | None:
    error = ticket.served.exception() if ticket.served.done() else None
    return error.code if isinstance(error, RequestFailed) else None


def join(line: WaitingLine[int], client: str) -> Ticket[int] | str:
    """The ticket, or the code of the refusal."""
    try:
        return line.join(client)
    except RequestFailed as refused:
        return refused.code


def in_loop(steps: object) -> None:
    async def run_steps() -> None:
        steps()  # type: ignore[operator]

    asyncio.run(run_steps())


def test_one_client_alone_may_fill_the_queue_but_not_against_another() -> None:
    """Its last places go to who comes then; once both wait, none gets more than half."""

    def steps() -> None:
        line, tickets = line_with(4, *"aaaa")
        with pytest.raises(RequestFailed, match="Too many requests are waiting") as full:
            line.join("a")
        assert full.value.code == "QUEUE_FULL"
        other = [line.join("b"), line.join("b")]
        assert [code(ticket) for ticket in tickets] == [None, None, "RATE_LIMITED", "RATE_LIMITED"]
        for client, refusal in (("a", "RATE_LIMITED"), ("b", "RATE_LIMITED"), ("c", "QUEUE_FULL")):
            with pytest.raises(RequestFailed) as caught:
                line.join(client)
            assert caught.value.code == refusal
        assert [line.position(ticket) for ticket in (*tickets[:2], *other)] == [1, 2, 3, 4]

    in_loop(steps)


@given(st.integers(0, 6), st.lists(st.sampled_from("abcd-"), max_size=40))
def test_the_queue_keeps_its_promises(size: int, arrivals: list[str]) -> None:
    """Whoever comes, and however many are served (`-`): never above its size, in order, nobody above half among others."""

    def steps() -> None:
        line: WaitingLine[int] = WaitingLine(size)
        waiting: list[Ticket[int]] = []
        for number, client in enumerate(arrivals):
            if client == "-":
                assert line.serve(number) == bool(waiting)
                assert not waiting or waiting[0].served.result() == number
            else:
                counts = Counter(ticket.client for ticket in waiting)
                joined = join(line, client)
                if isinstance(joined, Ticket):
                    waiting.append(joined)
                else:
                    assert len(waiting) >= size or joined == "RATE_LIMITED"
                    assert joined != "RATE_LIMITED" or counts[client] >= (size + 1) // 2
            waiting = [ticket for ticket in waiting if not ticket.served.done()]
            assert len(line) == len(waiting) <= size
            assert [line.position(ticket) for ticket in waiting] == list(range(1, len(waiting) + 1))

    in_loop(steps)
