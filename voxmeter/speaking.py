"""Sends requests to a running service over HTTP and keeps what it answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx2

from voxmeter.corpus import SpokenRequest
from voxmeter.errors import CheckFailed

AT_ONCE = 4
TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request; `seconds` is the client's own stop watch."""

    request_id: str
    request: SpokenRequest
    http_status: int
    audio_bytes: int
    seconds: float

    @property
    def as_expected(self) -> bool:
        """True if the service answered with the expected status, and with audio where it should speak."""
        return self.http_status == self.request.expected and (self.request.expected != 200 or self.audio_bytes > 0)


def body_of(request: SpokenRequest) -> dict[str, object]:
    """The JSON body that the request's route understands."""
    common: dict[str, object] = {
        "language": request.language,
        "emotion": request.emotion,
        "emotion_intensity": request.emotion_intensity,
        "speed": request.speed,
    }
    if request.route == "/generate":
        return {"text": request.text, "speaker": request.speaker, **common}
    return {
        "model": "tts-1",
        "input": request.text,
        "voice": request.speaker,
        "response_format": request.response_format,
        **common,
    }


def speak_all(
    url: str, requests: Iterable[tuple[str, SpokenRequest]], on_answer: Callable[[Answer], None]
) -> list[Answer]:
    """Sends (request id, request) pairs, a few at once, and returns the answers in the same order.

    Raises CheckFailed if the service can't be reached or answers with another id.
    """
    limits = httpx2.Limits(max_connections=AT_ONCE)
    with (
        httpx2.Client(base_url=url, timeout=TIMEOUT_SECONDS, limits=limits, trust_env=False) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):

        def speak(pair: tuple[str, SpokenRequest]) -> Answer:
            answer = _speak(client, *pair)
            on_answer(answer)
            return answer

        return list(pool.map(speak, requests))


def _speak(client: httpx2.Client, request_id: str, request: SpokenRequest) -> Answer:
    started = time.perf_counter()
    try:
        reply = client.post(request.route, json=body_of(request), headers={"X-Request-Id": request_id})
    except httpx2.HTTPError as error:
        raise CheckFailed(
            f"{request.route} gave no answer: {type(error).__name__}", "is the service still up?"
        ) from error
    seconds = time.perf_counter() - started
    if reply.headers.get("X-Request-Id") != request_id:
        raise CheckFailed(f"{request.route} answered with another X-Request-Id than was sent")
    return Answer(request_id, request, reply.status_code, _audio_bytes(client, request, reply), seconds)


def _audio_bytes(client: httpx2.Client, request: SpokenRequest, reply: httpx2.Response) -> int:
    if reply.status_code != 200:
        return 0
    if request.route != "/generate":
        return len(reply.content)
    return len(client.get(str(reply.json()["audio_url"])).content)
