"""One sentence of a running service, here or elsewhere, by its HTTP API: the only module that is a client of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2

from tts_app.errors import AppError, ConfigError, TryAgain
from tts_app.synthesis import Order

CONNECT_SECONDS, ANSWER_SECONDS = 10.0, 900.0


@dataclass(frozen=True, slots=True)
class Answered:
    """The audio, and what the answer's headers say of it."""

    audio: bytes
    request_id: str
    audio_seconds: float | None
    rtf: float | None
    queue_seconds: float | None


def ask(
    url: str, key: str | None, order: Order, *, inline_tags: bool, transport: httpx2.BaseTransport | None = None
) -> Answered:
    """What the service at `url` speaks.

    Args:
        url: where it answers, without `/v1`.
        key: an API key, if it asks for one.
        order: with a reference in it if need be.
        inline_tags: whether it obeys brackets in the text.
        transport: stands in for the network.

    Raises:
        ConfigError: `url` is none.
        TryAgain: nobody answers there, or not now.
        AppError: the service refused.
    """
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    timeout = httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    try:
        with httpx2.Client(headers=headers, timeout=timeout, transport=transport) as client:
            answer = client.post(f"{url.rstrip('/')}/v1/audio/speech", **_body(order, inline_tags=inline_tags))
    except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as exc:
        raise ConfigError("the URL can't be used", "such as --url http://127.0.0.1:7860") from exc
    except httpx2.HTTPError as exc:
        raise TryAgain(f"no service answers at {url}", "tts-app serve starts one") from exc
    if answer.status_code != httpx2.codes.OK:
        raise _refusal(answer)
    figures = {name: _number(answer.headers.get(name)) for name in ("x-audio-seconds", "x-rtf", "x-queue-seconds")}
    return Answered(answer.content, answer.headers.get("x-request-id", ""), *figures.values())


def _body(order: Order, *, inline_tags: bool) -> dict[str, Any]:
    fields = {
        "input": order.text,
        "engine": order.engine,
        "voice": order.speaker,
        "language": order.language,
        "emotion": order.emotion,
        "emotion_intensity": order.emotion_intensity,
        "speed": order.speed,
        "seed": order.seed,
        "reference_text": order.reference_text,
        "response_format": order.audio_format,
        "inline_tags": inline_tags,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    if order.reference_audio is None:
        return {"json": given}
    form = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}
    return {"data": form, "files": {"reference_audio": ("reference", order.reference_audio)}}


def _refusal(answer: httpx2.Response) -> AppError:
    try:
        error = answer.json()["error"]
        message, retryable = str(error["message"]), bool(error["retryable"])
    except (ValueError, KeyError, TypeError):
        return AppError(f"the service answered with {answer.status_code}", "is it a Voxmeter? look at --url")
    if answer.status_code == httpx2.codes.UNAUTHORIZED:
        return AppError(message, "TTS_API_KEY or --api-key-file; tts-app keys add makes a key")
    return TryAgain(message, "") if retryable else AppError(message)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
