"""Each code of the taxonomy in a real line: what really causes it, through HTTP and the door, with real workers that misbehave.

And whatever kills the workers, each request that came has one line.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from tests.tts_app.endpoints.conftest import TONE, ScriptedEngine, ScriptedEngines, info
from tests.tts_app.engines.hosting import fake
from tts_app.api import build_api
from tts_app.audiofiles import AudioFiles, Bounds
from tts_app.config import DoorSettings
from tts_app.endpoints.parts import Parts
from tts_app.engines.hosts import Hosts
from tts_app.engines.progress import EngineOrder, Limits, Progress
from tts_app.engines.spec import EngineSpec
from tts_app.events import ERRORS, RequestEvent, violations
from tts_app.flood import FloodGuard
from tts_app.gate import Gate
from tts_app.keys import AccessFile
from tts_app.requestlog import RequestLog
from tts_app.synthesis import Engines, SpeechService

SPEECH = "/v1/audio/speech"
DEADLINE_SECONDS = 120.0


@asynccontextmanager
async def _no_lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield


class Town:
    """Services in this process: each has its engines, and its lines go to `requests`."""

    def __init__(self, folder: Path, requests: RequestLog) -> None:
        self.folder = folder
        self.requests = requests
        requests.clock = time.perf_counter  # that of the workers' seconds
        self.alive = AsyncExitStack()

    async def hosts(self, spec: EngineSpec, **limits: Any) -> Hosts:
        """Real workers, all of them started."""
        hosts = Hosts((spec,), Limits(**limits))
        await hosts.start()
        self.alive.push_async_callback(hosts.close)
        while hosts.status()[0].problem is None and hosts.workers_up < hosts.workers_configured:
            await asyncio.sleep(0.001)  # between two looks at another process
        return hosts

    def client(self, engines: Engines, **door: Any) -> httpx2.AsyncClient:
        """A client of a service over `engines`, behind a door."""
        settings = replace(DoorSettings(access_file=self.folder / "access.json"), **door)
        gate = Gate(settings, time.monotonic, pytest.fail)
        flood = FloodGuard(1000, self.requests.clock)
        parts = Parts(
            service=SpeechService(engines, max_chars=300, clock=self.requests.clock),
            requests=self.requests,
            flood=flood,
            files=AudioFiles(self.folder / "audio", Bounds(), clock=self.requests.clock),
            health=dict,
        )
        app: ASGIApp = gate.around(build_api(parts, _no_lifespan), self.requests, flood)
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=DEADLINE_SECONDS)


async def say(client: httpx2.AsyncClient, text: str, **more: Any) -> httpx2.Response:
    """POST /v1/audio/speech."""
    return await client.post(SPEECH, json={"input": text, "response_format": "wav", **more})


Cause = Callable[[Town], Awaitable[httpx2.Response | None]]


def asked(text: str, **more: Any) -> Cause:
    """What a text or a field causes, at an engine that could speak."""

    async def cause(town: Town) -> httpx2.Response:
        return await say(town.client(ScriptedEngines(ScriptedEngine(info("plain", speed=True)))), text, **more)

    return cause


def obeyed(text: str, broken: str | None = None, **limits: Any) -> Cause:
    """What a worker causes that does what the text says."""

    async def cause(town: Town) -> httpx2.Response:
        options = {"broken": broken} if broken else {}
        return await say(town.client(await town.hosts(fake(options=options), **limits)), text)

    return cause


class Prompt(ScriptedEngine):
    """Says its script without a moment's wait."""

    async def speak(
        self, order: EngineOrder, progress: Progress, client: str | None = None
    ) -> AsyncGenerator[bytes, None]:
        async with aclosing(super().speak(order, progress, client)) as pieces:
            try:
                async for piece in pieces:
                    yield piece
            finally:
                progress.queue_seconds = 0.0


def scripted(step: Any, audio_format: str = "wav", **about: Any) -> Cause:
    """What an engine causes inside of this process."""

    async def cause(town: Town) -> httpx2.Response:
        engine = Prompt(info("scripted", **about), script=(step,))
        return await say(town.client(ScriptedEngines(engine)), "hello", response_format=audio_format)

    return cause


def behind_another(**limits: Any) -> Cause:
    """What comes of a request while the only worker is busy for ever."""

    async def cause(town: Town) -> httpx2.Response:
        hosts = await town.hosts(fake(), **limits)
        client = town.client(hosts)
        busy = asyncio.create_task(say(client, "deaf"))
        while hosts.workers_busy == 0:
            await asyncio.sleep(0.001)  # between two looks at another process
        answer = await say(client, "hello")
        busy.cancel()
        await asyncio.gather(busy, return_exceptions=True)
        return answer

    return cause


async def bad_reference(town: Town) -> httpx2.Response:
    client = town.client(await town.hosts(fake()))
    return await client.post(SPEECH, data={"input": "hello"}, files={"reference_audio": ("a.wav", b"RIFFnonsense")})


async def without_a_key(town: Town) -> httpx2.Response:
    AccessFile(town.folder / "access.json", cost="2$1$1").add_key("newsroom")
    return await say(town.client(ScriptedEngines(ScriptedEngine(info("plain")))), "hello")


async def once_too_often(town: Town) -> httpx2.Response:
    client = town.client(ScriptedEngines(ScriptedEngine(info("plain"))), per_minute=1)
    await say(client, "hello")
    return await say(client, "hello")


async def a_client_that_left(town: Town) -> None:
    hosts = await town.hosts(fake())
    gone = asyncio.create_task(say(town.client(hosts), "wait"))
    while hosts.workers_busy == 0:
        await asyncio.sleep(0.001)  # between two looks at another process
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)


CAUSES: dict[str, Cause] = {
    "EMPTY_TEXT": asked("  "),
    "UNSPEAKABLE_TEXT": asked("?!"),
    "TEXT_TOO_LONG": asked("x" * 301),
    "UNSUPPORTED_LANGUAGE": asked("hello", language="tlh"),
    "INVALID_SPEAKER": asked("hello", voice="darth"),
    "INVALID_EMOTION": asked("hello", emotion="bored"),
    "INVALID_PARAM": asked("hello", speed=99),
    "REF_AUDIO_INVALID": bad_reference,
    "UNAUTHORIZED": without_a_key,
    "RATE_LIMITED": once_too_often,
    "QUEUE_FULL": behind_another(max_queue=0),
    "QUEUE_TIMEOUT": behind_another(queue_seconds=0.3),
    "SYNTH_TIMEOUT": obeyed("deaf", synthesis_seconds=0.05),
    "CANCELLED": a_client_that_left,
    "OOM_GPU": obeyed("raise OutOfMemoryError CUDA out of memory"),
    "OOM_HOST": obeyed("raise MemoryError hello"),
    "CUDA_ERROR": obeyed("raise RuntimeError CUDA error: device-side assert triggered"),
    "ENGINE_UNAVAILABLE": obeyed("hello", broken="unready"),
    "ENGINE_CRASH": obeyed("die"),
    "BAD_OUTPUT": obeyed("silence"),
    "ENCODE_FAILED": scripted(TONE, "mp3", sample_rate_hz=96_000),
    "INTERNAL": scripted(ZeroDivisionError("hello")),
}
#: Where these stop is where the request was.
OWN_STAGES = {"CANCELLED": "synth", "INTERNAL": "synth"}


def event_of(line: dict[str, Any]) -> RequestEvent:
    """The event that a line was made of."""
    facts: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in line.items()}
    del facts["v"], facts["event"]
    return RequestEvent(**facts)


@pytest.mark.parametrize("code", ERRORS)
def test_every_code_is_seen_in_a_real_line(code: str, requests: RequestLog, lines: Any, tmp_path: Path) -> None:
    """Code, status, fault, stage and HTTP status as the taxonomy says, in the line and in the answer, and no law broken."""
    town = Town(tmp_path, requests)

    async def caused() -> httpx2.Response | None:
        async with town.alive, asyncio.timeout(DEADLINE_SECONDS):
            return await CAUSES[code](town)

    answer = asyncio.run(caused())

    [line] = [line for line in lines.requests() if line.get("error_code") == code]
    kind, stage = ERRORS[code], OWN_STAGES.get(code, ERRORS[code].stage)
    assert (line["status"], line["fault"], line["http_status"]) == (kind.status, kind.fault, kind.http_status)
    assert line["error_stage"] == stage
    assert violations(event_of(line)) == []
    if answer is not None:
        assert (answer.status_code, answer.json()["error"]["code"]) == (kind.http_status, code)
        assert answer.json()["error"]["retryable"] is kind.retryable
    assert requests.in_flight == 0


def test_workers_killed_at_random_cost_no_line(requests: RequestLog, lines: Any, tmp_path: Path) -> None:
    """Sixty requests, streams and links among them, while workers are killed: sixty lines, numbered without a gap."""
    town, draw = Town(tmp_path, requests), random.Random(5)  # noqa: S311 - an order, no secret
    count = 60

    async def one(client: httpx2.AsyncClient, number: int) -> int:
        named = {"x-request-id": f"r-{number}"}
        fields = {"text": "hello"} if number % 3 else {"input": "hello", "stream": number % 2 == 0}
        with contextlib.suppress(Exception):  # a stream that breaks off in the middle
            return (await client.post("/generate" if number % 3 else SPEECH, json=fields, headers=named)).status_code
        return 0

    async def all_of_them() -> None:
        async with town.alive, asyncio.timeout(DEADLINE_SECONDS):
            hosts = await town.hosts(fake(workers=2))
            client = town.client(hosts)
            waiting = [asyncio.create_task(one(client, number)) for number in range(count)]
            for _ in range(6):
                while not hosts.default.pids:
                    await asyncio.sleep(0.001)  # between two looks at another process
                with contextlib.suppress(ProcessLookupError):
                    os.kill(draw.choice(hosts.default.pids), signal.SIGKILL)
                await waiting[draw.randrange(count)]
            await asyncio.gather(*waiting)

    asyncio.run(all_of_them())

    found = lines.requests()
    assert Counter(line["request_id"] for line in found) == Counter(f"r-{number}" for number in range(count))
    assert [line["seq"] for line in found] == list(range(1, count + 1))
    assert {line.get("error_code") for line in found} <= {None, "ENGINE_CRASH", "ENGINE_UNAVAILABLE"}
    assert [violations(event_of(line)) for line in found] == [[]] * count
    assert requests.in_flight == 0
