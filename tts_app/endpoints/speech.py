"""POST /v1/audio/speech: OpenAI's route, whole or streamed."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tts_app.audio import FORMATS
from tts_app.endpoints.bodies import SpeechBody, schema_of
from tts_app.endpoints.orders import speech_order
from tts_app.endpoints.parts import Parts
from tts_app.endpoints.streams import Streamed, begun, events_of
from tts_app.endpoints.uploads import read_body
from tts_app.endpoints.usage import usage_of
from tts_app.engines.progress import Progress
from tts_app.requestlog import RequestLine
from tts_app.routes import client_of
from tts_app.synthesis import Order, Spoken


def speech_routes(parts: Parts) -> APIRouter:
    """The route; its line is opened and closed by `delivery`."""
    router = APIRouter()

    @router.post("/v1/audio/speech", response_class=Response, openapi_extra=schema_of(SpeechBody))
    async def speech(request: Request) -> Response:
        line: RequestLine = request.state.line
        body, uploads = await read_body(request, SpeechBody, parts.max_upload_bytes)
        order = speech_order(body, uploads, parts, line)
        if body.streamed:
            return await _streamed(parts, order, request, events=body.stream_format == "sse")
        spoken = await parts.service.speak(order, line, client_of(request.scope))
        line.audio_follows()
        return Response(spoken.audio, media_type=spoken.media_type, headers=figures(spoken))

    return router


async def _streamed(parts: Parts, order: Order, request: Request, *, events: bool) -> Response:
    line: RequestLine = request.state.line
    progress = Progress()
    pieces = await begun(parts.service.stream(order, line, client_of(request.scope), progress))
    headers = {} if progress.queue_seconds is None else {"X-Queue-Seconds": f"{progress.queue_seconds:.6f}"}
    if events:
        told = events_of(pieces, lambda: usage_of(line.event, order.text), line.fail)
        return Streamed(told, line.fail, media_type="text/event-stream", headers=headers)
    return Streamed(pieces, line.fail, media_type=FORMATS[order.audio_format][2], headers=headers)


def figures(spoken: Spoken) -> dict[str, str]:
    """What a whole answer says of itself."""
    return {
        "X-Audio-Seconds": f"{spoken.audio_seconds:.3f}",
        "X-RTF": f"{spoken.rtf:.5f}",
        "X-Queue-Seconds": f"{spoken.queue_seconds:.6f}",
    }
