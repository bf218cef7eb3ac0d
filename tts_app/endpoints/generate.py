"""POST /generate, as the clients of CosyVoice's small servers know it: a text gives a link to the audio."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from tts_app.endpoints.bodies import GenerateBody, schema_of
from tts_app.endpoints.orders import generate_order
from tts_app.endpoints.parts import Parts
from tts_app.endpoints.speech import figures
from tts_app.endpoints.uploads import read_body
from tts_app.routes import client_of


def generate_routes(parts: Parts) -> APIRouter:
    """The route; its line is opened and closed by `delivery`."""
    router = APIRouter()

    @router.post("/generate", openapi_extra=schema_of(GenerateBody))
    async def generate(request: Request) -> JSONResponse:
        body, uploads = await read_body(request, GenerateBody, parts.max_upload_bytes)
        order = generate_order(body, uploads, parts, request.state.line)
        spoken = await parts.service.speak(order, request.state.line, client_of(request.scope))
        name = parts.files.keep(spoken.audio, order.audio_format)
        answer = {
            "audio_url": f"{request.scope.get('root_path', '')}/audio/{name}",
            "duration": round(spoken.synthesis_seconds, 6),
        }
        return JSONResponse(answer, headers=figures(spoken))

    return router
