"""The API in this process, with engines that do what a test says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from fastapi import FastAPI

from tts_app.api import build_api
from tts_app.audiofiles import AudioFiles, Bounds
from tts_app.endpoints.parts import Parts
from tts_app.engines.info import EngineInfo, EngineStatus, Speaker
from tts_app.engines.progress import EngineOrder, Progress
from tts_app.errors import RequestFailed
from tts_app.flood import FloodGuard
from tts_app.requestlog import RequestLog
from tts_app.synthesis import SpeechService

RATE = 24000
SILENCE = bytes(RATE // 5)
TONE = (8000 * np.sin(2 * np.pi * 440 * np.arange(RATE // 5) / RATE)).astype("<i2").tobytes()


def info(name: str, **more: Any) -> EngineInfo:
    usual: dict[str, Any] = {
        "sample_rate_hz": RATE,
        "languages": ("en", "zh"),
        "speakers": (Speaker(id="anna", label="Anna", language="en"), Speaker(id="bo", label="Bo")),
        "emotion_modes": ("preset", "vector"),
        "model": "scripted",
        "streams": True,
    }
    return EngineInfo(name=name, kind="http", **(usual | more))


class ScriptedEngine:
    """Says `script`: pieces of PCM, or what is raised in their place, or what is called and waited for."""

    def __init__(self, info: EngineInfo | None, name: str | None = None, script: tuple[Any, ...] = (TONE,)) -> None:
        self.info = info
        self.name = name or (info.name if info else "")
        self.script = script
        self.orders: list[EngineOrder] = []
        self.clients: list[str | None] = []
        self.closed = 0

    async def speak(
        self, order: EngineOrder, progress: Progress, client: str | None = None
    ) -> AsyncGenerator[bytes, None]:
        self.orders.append(order)
        self.clients.append(client)
        progress.queue_seconds, progress.info, progress.worker, progress.worker_requests = 0.25, self.info, 0, 2
        progress.synthesis_seconds = 0.0
        try:
            for step in self.script:
                if isinstance(step, BaseException):
                    raise step
                if callable(step):
                    await step()
                else:
                    yield step
        finally:
            self.closed += 1


class ScriptedEngines:
    """All of them; the first is the default."""

    def __init__(self, *engines: ScriptedEngine) -> None:
        self.all = engines

    def find(self, engine: str | None, model: str | None) -> ScriptedEngine:
        named = {known.name: known for known in self.all}
        if engine and engine not in named:
            raise RequestFailed("INVALID_PARAM", f"engine must be one of {', '.join(named)}.", "engine")
        return named.get(engine or model or "", self.all[0])

    def status(self) -> list[EngineStatus]:
        return [
            EngineStatus(
                name=engine.name,
                kind="http",
                default=engine is self.all[0],
                info=engine.info,
                workers_configured=1,
                workers_up=engine.info is not None,
                workers_busy=0,
                waiting=0,
            )
            for engine in self.all
        ]


class Api:
    """The application and a client of it."""

    def __init__(self, app: FastAPI, engine: ScriptedEngine) -> None:
        self.app = app
        self.engine = engine

    def ask(self, method: str, path: str, *, root_path: str = "", **options: Any) -> httpx2.Response:
        """One request and its whole answer."""

        async def asked() -> httpx2.Response:
            transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False, root_path=root_path)
            async with httpx2.AsyncClient(transport=transport, base_url="http://voice.test") as client:
                return await client.request(method, path, **options)

        return asyncio.run(asyncio.wait_for(asked(), 120))

    def speech(self, **body: Any) -> httpx2.Response:
        return self.ask("POST", "/v1/audio/speech", json={"input": "hello", "response_format": "wav"} | body)


@contextlib.asynccontextmanager
async def _no_lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.fixture
def make_api(requests: RequestLog, tmp_path: Path, clock: Any) -> Callable[..., Api]:
    """An application with the given engines; without any, with one that says a tone."""

    def make(*engines: ScriptedEngine, **parts: Any) -> Api:
        engines = engines or (ScriptedEngine(info("plain")),)
        given: dict[str, Any] = {
            "service": SpeechService(ScriptedEngines(*engines), max_chars=200, clock=clock),
            "requests": requests,
            "flood": FloodGuard(1000, clock),
            "files": AudioFiles(tmp_path / "audio", Bounds(), clock=clock),
            "health": lambda: {"status": "ok"},
        }
        return Api(build_api(Parts(**(given | parts)), _no_lifespan), engines[0])

    return make
