"""One sentence without a service: its own worker, its own line with source `cli`, nothing left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pynvml

from tts_app.endpoints.orders import with_tags
from tts_app.engines.hosts import Hosts
from tts_app.engines.progress import Limits
from tts_app.engines.spec import EngineSpec
from tts_app.errors import AppError, RequestFailed
from tts_app.eventlog import EventLog
from tts_app.gpu import GpuSampler
from tts_app.identity import Hasher, load_key
from tts_app.requestlog import Caller, RequestLine, RequestLog, Service
from tts_app.synthesis import Order, SpeechService, Spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What one sentence needs of a service: an engine, limits, a log."""

    engine: EngineSpec
    instance: str
    log: Path
    state_dir: Path
    hash_key_file: Path | None
    max_chars: int
    synthesis_seconds: float
    inline_tags: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What was spoken, and the id of its line."""

    spoken: Spoken
    request_id: str


def say(setup: Setup, order: Order, deliver: Callable[[bytes], None], tell: Callable[[str], None]) -> Said:
    """Speaks `order` and hands the audio to `deliver`; one line is in the log, whatever became of it.

    Raises:
        RequestFailed: with the code that is in the line.
        AppError: a signal stopped it, or `deliver` failed.
        ConfigError: the log or the key can't be used.
    """
    try:
        return asyncio.run(_Saying(setup, tell).run(order, deliver))
    except asyncio.CancelledError:
        raise AppError("stopped before the audio was there") from None


class _Saying:
    def __init__(self, setup: Setup, tell: Callable[[str], None]) -> None:
        clock = time.perf_counter
        self._setup = setup
        limits = Limits(synthesis_seconds=setup.synthesis_seconds, hang_seconds=setup.synthesis_seconds)
        self._hosts = Hosts((setup.engine,), limits, clock=clock, tell=tell)
        self._gpus = GpuSampler(pynvml, tell, clock=clock)
        self._log = EventLog(setup.log, clock=time.monotonic, tell=tell)
        self._requests = RequestLog(
            self._log,
            Service(instance=setup.instance, app_version=version("voxmeter"), engine=setup.engine.name),
            Hasher(load_key(setup.hash_key_file, setup.state_dir, tell)),
            waiting=lambda: 0,
            clock=clock,
            gpus=self._gpus,
        )
        self._service = SpeechService(self._hosts, max_chars=setup.max_chars, clock=clock)

    async def run(self, order: Order, deliver: Callable[[bytes], None]) -> Said:
        _cancel_on_signals()
        # The wait for the engine is the user's too: the request begins before it is loaded.
        line = self._requests.open(Caller(source="cli", client=f"user:{os.getuid()}"))
        try:
            spoken = await self._spoken(order, line)
            line.audio_follows()
            deliver(spoken.audio)
            line.handed_over()
            return Said(spoken, line.request_id)
        except BaseException as exc:
            line.fail(exc)
            raise
        finally:
            line.close()
            await asyncio.shield(self._close())

    async def _spoken(self, order: Order, line: RequestLine) -> Spoken:
        if self._setup.inline_tags:
            order = with_tags(order, line)
        line.stage = "load"
        self._gpus.start()
        await self._hosts.default.start()
        status = self._hosts.default.status()
        if status.info is None:
            raise RequestFailed(
                "ENGINE_UNAVAILABLE", status.problem or "The engine can't be loaded.", hint=status.hint or ""
            )
        return await self._service.speak(order, line)

    async def _close(self) -> None:
        await self._hosts.close()
        self._gpus.close()
        self._log.close()


def _cancel_on_signals() -> None:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - this is a coroutine
    for number in (signal.SIGINT, signal.SIGTERM):
        # Signals belong to the main thread; elsewhere (in a test) there is none to be told.
        with suppress(ValueError, RuntimeError):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
