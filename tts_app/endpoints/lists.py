"""What there is to choose from: engines, as OpenAI's clients list models, and their voices."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from tts_app.answers import http_error_answer
from tts_app.endpoints.parts import Parts
from tts_app.engines.info import EngineStatus, Speaker

# Clients offer these without asking; each stands for the default engine.
OPENAI_MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")


def list_routes(parts: Parts) -> APIRouter:
    """GET /v1/models, /v1/models/{model} and /v1/audio/voices."""
    router = APIRouter()
    since = int(time.time())

    @router.get("/v1/models")
    async def models() -> JSONResponse:
        return JSONResponse({"object": "list", "data": models_of(parts.service.engines(), since)})

    @router.get("/v1/models/{model}")
    async def model(model: str) -> JSONResponse:
        known = {entry["id"]: entry for entry in models_of(parts.service.engines(), since)}
        return JSONResponse(known[model]) if model in known else http_error_answer(404, "There is no such model.")

    @router.get("/v1/audio/voices")
    async def voices(engine: str | None = None, language: str | None = None) -> JSONResponse:
        engines = parts.service.engines()
        if engine is not None and engine not in {known.name for known in engines}:
            return http_error_answer(404, "There is no such engine.", param="engine")
        chosen = [known for known in engines if engine in (None, known.name)]
        found = [voice for known in chosen for voice in voices_of(known)]
        return JSONResponse({"voices": [voice for voice in found if language in (None, *voice["languages"])]})

    return router


def models_of(engines: list[EngineStatus], since: int) -> list[dict[str, Any]]:
    """The engines in OpenAI's words and ours, then OpenAI's models as other names of the default engine."""
    own = [_model(engine, since) for engine in engines]
    default = next(entry for entry in own if entry["default"])
    others = [{**default, "id": name, "root": default["id"], "default": False} for name in OPENAI_MODELS]
    return own + others


def voices_of(engine: EngineStatus) -> list[dict[str, Any]]:
    """The voices of a loaded engine; one without a language of its own speaks all of the engine's."""
    if engine.info is None:
        return []
    return [_voice(engine.name, speaker, engine.info.languages) for speaker in engine.info.speakers]


def _voice(engine: str, speaker: Speaker, languages: tuple[str, ...]) -> dict[str, Any]:
    spoken = [speaker.language] if speaker.language else list(languages)
    return {"id": speaker.id, "name": speaker.label, "engine": engine, "languages": spoken}


def _model(engine: EngineStatus, since: int) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": engine.name,
        "object": "model",
        "created": since,
        "owned_by": "voxmeter",
        "root": engine.name,
        "default": engine.default,
        "ready": engine.workers_up > 0,
        "engine": engine.kind,
    }
    info = engine.info
    if info is None:
        return entry
    return entry | {
        "model": info.model,
        "model_version": info.model_version,
        "languages": list(info.languages),
        "emotion_modes": list(info.emotion_modes),
        "sample_rate_hz": info.sample_rate_hz,
        "max_chars": info.max_chars,
        "streams": info.streams,
        "speed": info.speed,
        "reference_audio": info.clones,
    }
