"""A host with the fake engine, started and ended around a test's steps."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tts_app.engines.host import EngineHost
from tts_app.engines.progress import EngineOrder, Limits, Progress
from tts_app.engines.spec import EngineSpec
from tts_app.errors import RequestFailed

FAKE = str(Path(__file__).with_name("fake_engine.py"))
PCM = (b"\0\x40" * 551 + b"\0\xc0" * 551) * 2
# So long that only a test that fails waits for it.
DEADLINE_SECONDS = 120
PATIENT = dict.fromkeys(("grace_seconds", "hang_seconds", "synthesis_seconds", "queue_seconds"), DEADLINE_SECONDS)


def fake(**changes: Any) -> EngineSpec:
    """The fake engine as an operator would configure it."""
    return EngineSpec(**{"name": "fake", "kind": FAKE, "start_seconds": 60.0, **changes})


def run(
    steps: Callable[[EngineHost], Awaitable[Any]],
    spec: EngineSpec | None = None,
    *,
    tell: Callable[[str], None] = lambda _: None,
    oom_kills: Callable[[], int | None] = lambda: None,
    **limits: Any,
) -> Any:
    """What `steps` gives with a started host, which is closed afterwards and has no process left."""

    async def with_host() -> Any:
        host = EngineHost(spec or fake(), Limits(**{**PATIENT, **limits}), tell=tell, oom_kills=oom_kills)
        await host.start()
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                return await steps(host)
        finally:
            pids = host.pids
            await host.close()
            assert not any(alive(pid) for pid in pids)

    return asyncio.run(with_host())


def alive(pid: int) -> bool:
    """Whether there is a process of that id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def order(text: str, **more: Any) -> EngineOrder:
    """An order for the fake engine."""
    return EngineOrder(**{"text": text, "language": "en", "speaker": "anna", **more})


async def speak(
    host: EngineHost, text: str, progress: Progress | None = None, client: str | None = None, **more: Any
) -> bytes:
    """All the PCM of a text."""
    return b"".join([chunk async for chunk in host.speak(order(text, **more), progress or Progress(), client)])


async def code_of(host: EngineHost, text: str, progress: Progress | None = None, client: str | None = None) -> str:
    """The code that a text is refused with."""
    with pytest.raises(RequestFailed) as caught:
        await speak(host, text, progress, client)
    return caught.value.code


async def until(condition: Callable[[], Any]) -> None:
    """Returns once `condition` holds."""
    while not condition():
        await asyncio.sleep(0.001)  # between two looks at other processes
