"""Exactly one line for each request that reached the service, wherever it ends: at each single point where it waits.

A request runs step by step, and at each of its steps it is cut off: cancelled by the server, or left by its client.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Message

from tests.tts_app.asgi import scope_of
from tests.tts_app.endpoints.conftest import SILENCE, TONE, ScriptedEngine, ScriptedEngines, info
from tts_app.api import build_api
from tts_app.audiofiles import AudioFiles, Bounds
from tts_app.endpoints.parts import Parts
from tts_app.flood import FloodGuard
from tts_app.requestlog import RequestLog
from tts_app.synthesis import SpeechService

#: More steps than any request takes here.
MOST_STEPS = 2000
SPEECH = "/v1/audio/speech"
REQUESTS = {
    "whole": (SPEECH, {"input": "hello", "response_format": "wav"}),
    "stream": (SPEECH, {"input": "hello", "response_format": "wav", "stream": True}),
    "events": (SPEECH, {"input": "hello", "response_format": "pcm", "stream_format": "sse"}),
    "link": ("/generate", {"text": "hello"}),
    "refused": (SPEECH, {"input": "hello", "voice": "darth"}),
}


class Cut:
    """A client whose body comes in two pieces, and who leaves once `left` is set."""

    def __init__(self, body: bytes) -> None:
        self.left = asyncio.Event()
        self.sent: list[Message] = []
        self._pieces = [body[:5], body[5:]]

    async def receive(self) -> Message:
        await asyncio.sleep(0)
        if self._pieces and not self.left.is_set():
            piece = self._pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self._pieces)}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await asyncio.sleep(0)
        self.sent.append(message)

    @property
    def complete(self) -> bool:
        """Whether the last byte was handed over."""
        return any(message["type"] == "http.response.body" and not message.get("more_body") for message in self.sent)


@asynccontextmanager
async def _no_lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield


async def a_moment() -> None:
    await asyncio.sleep(0)


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine(info("plain"), script=(a_moment, SILENCE, a_moment, TONE, TONE))


@pytest.fixture
def app(requests: RequestLog, engine: ScriptedEngine, tmp_path: Path) -> ASGIApp:
    parts = Parts(
        service=SpeechService(ScriptedEngines(engine), max_chars=200, clock=requests.clock),
        requests=requests,
        flood=FloodGuard(10_000, requests.clock),
        files=AudioFiles(tmp_path / "audio", Bounds(), clock=requests.clock),
        health=dict,
    )
    return build_api(parts, _no_lifespan)


def leave(task: asyncio.Task[None], client: Cut) -> None:
    client.left.set()


def cancel(task: asyncio.Task[None], client: Cut) -> None:
    task.cancel()


@pytest.mark.parametrize("cut", [cancel, leave], ids=lambda cut: cut.__name__)
@pytest.mark.parametrize("kind", REQUESTS)
def test_a_request_that_is_cut_off_anywhere_has_one_line(
    kind: str,
    cut: Callable[[asyncio.Task[None], Cut], None],
    app: ASGIApp,
    requests: RequestLog,
    engine: ScriptedEngine,
    lines: Any,
) -> None:
    """One line for each of all its ends; nobody is counted as in flight, and what an engine began to say is ended."""
    path, fields = REQUESTS[kind]
    body = json.dumps(fields).encode()

    async def cut_after(steps: int) -> Cut | None:
        """The client of a request that was cut off there; None where it ended before."""
        client = Cut(body)
        scope = scope_of("POST", path, {"content-type": "application/json"})
        task = asyncio.ensure_future(app(scope, client.receive, client.send))
        for _ in range(steps):
            await asyncio.sleep(0)
        ended = task.done()
        cut(task, client)
        await asyncio.gather(task, return_exceptions=True)
        return None if ended else client

    async def all_ends() -> list[Cut]:
        clients: list[Cut] = []
        for steps in range(1, MOST_STEPS):
            client = await cut_after(steps)
            others = asyncio.all_tasks() - {asyncio.current_task()}
            assert not others
            if client is None:
                return clients
            clients.append(client)
        raise AssertionError("it never ended")

    clients = asyncio.run(all_ends())

    found = lines.requests()
    # The last one was not cut off.
    assert len(found) == len(clients) + 1 == requests.requests
    assert len(clients) > 5
    for client, line in zip(clients, found, strict=False):
        cancelled = line.get("error_code") == "CANCELLED"
        assert (line["status"] == "cancelled") == cancelled == (line["http_status"] == 499)
        assert cancelled or client.complete or line["error_code"] == "INVALID_SPEAKER"
    assert requests.in_flight == 0
    assert engine.closed == len(engine.orders)
