"""The HTTP API: OpenAI's speech route, the older /generate, the files it links to, and /healthz."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel

from tts_app.answers import error_answer
from tts_app.audiofiles import AudioFiles
from tts_app.delivery import SOURCES, OneLineEach
from tts_app.docs import docs_page
from tts_app.engines.voices import DEFAULT_SPEAKER
from tts_app.errors import RequestFailed
from tts_app.flood import FloodGuard
from tts_app.requestlog import RequestLine, RequestLog
from tts_app.routes import route_of
from tts_app.synthesis import Order, SpeechService, Spoken

# A character takes at most 12 bytes in JSON (a surrogate pair, escaped); the rest is for the other fields.
BYTES_PER_CHAR, OTHER_BYTES = 12, 16 * 1024

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the routes work with."""

    service: SpeechService
    requests: RequestLog
    flood: FloodGuard
    files: AudioFiles
    health: Callable[[], dict[str, Any]]


class SpeechBody(BaseModel):
    """OpenAI's fields, and ours below; `model` is taken and has no effect, since there is one voice engine."""

    input: str | None = None
    model: str | None = None
    voice: str | None = None
    instructions: str | None = None
    response_format: str | None = None
    speed: float | None = None
    emotion: str | None = None
    emotion_vector: list[float] | None = None
    emotion_intensity: float | None = None
    language: str | None = None


class GenerateBody(BaseModel):
    """The fields existing clients of /generate send, and ours below."""

    text: str | None = None
    speaker: str | None = None
    speed: float | None = None
    emotion: str | None = None
    emotion_vector: list[float] | None = None
    emotion_intensity: float | None = None
    language: str | None = None


def build_api(parts: Parts, lifespan: Lifespan) -> FastAPI:
    """The application without the web page. /docs is a page of ours: FastAPI's loads scripts from another host."""
    app = FastAPI(title="Voxmeter TTS", lifespan=lifespan, docs_url=None, redoc_url=None)
    max_body_bytes = parts.service.max_chars * BYTES_PER_CHAR + OTHER_BYTES
    app.add_middleware(OneLineEach, requests=parts.requests, flood=parts.flood, max_body_bytes=max_body_bytes)
    app.add_exception_handler(RequestFailed, _answer_failure)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    _add_speaking_routes(app, parts)
    _add_other_routes(app, parts)
    return app


def _add_speaking_routes(app: FastAPI, parts: Parts) -> None:
    @app.post("/v1/audio/speech", response_class=Response)
    async def speech(body: SpeechBody, request: Request) -> Response:
        line: RequestLine = request.state.line
        if body.instructions:
            line.warn("instructions_ignored")
        spoken = await parts.service.speak(_speech_order(body), line)
        line.audio_follows()
        return Response(spoken.audio, media_type=spoken.media_type, headers=_figures(spoken))

    @app.post("/generate")
    async def generate(body: GenerateBody, request: Request) -> JSONResponse:
        spoken = await parts.service.speak(_generate_order(body), request.state.line)
        answer = {
            "audio_url": f"/audio/{parts.files.keep(spoken.audio)}",
            "duration": round(spoken.synthesis_seconds, 6),
        }
        return JSONResponse(answer, headers=_figures(spoken))


def _add_other_routes(app: FastAPI, parts: Parts) -> None:
    @app.get("/audio/{name}", response_class=FileResponse)
    async def audio(name: str) -> Response:
        path = parts.files.find(name)
        if path is None:
            return JSONResponse({"error": "No such audio, or it is no longer kept."}, status_code=404)
        return FileResponse(path, media_type="audio/wav")

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        health = parts.health()
        return JSONResponse(health, status_code=200 if health["status"] == "ok" else 503)

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(docs_page(str(request.base_url).rstrip("/"), parts.service.max_chars))

    @app.get("/favicon.ico", include_in_schema=False)
    async def favicon() -> FileResponse:
        return FileResponse(Path(__file__).with_name("favicon.svg"), media_type="image/svg+xml")

    @app.get("/", include_in_schema=False)
    async def root() -> RedirectResponse:
        return RedirectResponse("/ui/")


def _speech_order(body: SpeechBody) -> Order:
    return Order(
        text=body.input or "",
        language=body.language or "auto",
        speaker=body.voice or DEFAULT_SPEAKER,
        speed=1.0 if body.speed is None else body.speed,
        audio_format=body.response_format or "mp3",
        **_emotion(body),
    )


def _generate_order(body: GenerateBody) -> Order:
    return Order(
        text=body.text or "",
        language=body.language or "auto",
        speaker=body.speaker or DEFAULT_SPEAKER,
        speed=1.0 if body.speed is None else body.speed,
        **_emotion(body),
    )


def _emotion(body: SpeechBody | GenerateBody) -> dict[str, Any]:
    return {
        "emotion": body.emotion or "neutral",
        "emotion_vector": None if body.emotion_vector is None else tuple(body.emotion_vector),
        "emotion_intensity": 1.0 if body.emotion_intensity is None else body.emotion_intensity,
    }


def _figures(spoken: Spoken) -> dict[str, str]:
    return {
        "X-Audio-Seconds": f"{spoken.audio_seconds:.3f}",
        "X-RTF": f"{spoken.rtf:.5f}",
        "X-Queue-Seconds": f"{spoken.queue_seconds:.6f}",
    }


async def _answer_failure(request: Request, error: Exception) -> Response:
    request.state.line.fail(error)
    return error_answer(SOURCES[route_of(request.scope)], error)


async def _answer_invalid(request: Request, error: Exception) -> Response:
    """Pydantic's complaint, without the value it complains about."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    first = error.errors()[0]
    field = str(first["loc"][1]) if len(first["loc"]) > 1 and first["type"] != "json_invalid" else None
    message = f"{field}: {first['msg']}." if field else "The body must be a JSON object."
    return await _answer_failure(request, RequestFailed("INVALID_PARAM", message, field))
