"""What the web page asks for: speech as it is made with the place in the queue, what there is to choose, the last 24 hours."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from tts_app.answers import error_object
from tts_app.endpoints.bodies import SpeechBody
from tts_app.endpoints.orders import speech_order
from tts_app.endpoints.parts import Parts
from tts_app.endpoints.streams import Pieces, Streamed, begun, event
from tts_app.endpoints.uploads import read_body
from tts_app.engines.info import EngineStatus
from tts_app.engines.progress import Progress
from tts_app.figures import figures_of
from tts_app.requestlog import RequestLine
from tts_app.routes import client_of, signed_in

# Between two looks at the place in the queue.
LOOK_SECONDS = 0.2


def webui_routes(parts: Parts) -> APIRouter:
    """POST /ui/speak, whose line is opened and closed by `delivery`, GET /ui/catalog and GET /ui/recent."""
    router = APIRouter(include_in_schema=False)

    @router.post("/ui/speak")
    async def speak(request: Request) -> Response:
        line: RequestLine = request.state.line
        body, uploads = await read_body(request, SpeechBody, parts.max_upload_bytes)
        order = replace(speech_order(body, uploads, parts, line), audio_format="wav")
        progress = Progress()
        pieces = parts.service.stream(order, line, client_of(request.scope), progress)
        told = await begun(_told(pieces, progress, line))
        return Streamed(told, line.fail, media_type="text/event-stream", headers={})

    @router.get("/ui/catalog")
    async def catalog(request: Request) -> JSONResponse:
        return _fresh({**catalog_of(parts), "signed_in": signed_in(request.scope)})

    @router.get("/ui/recent")
    async def recent() -> JSONResponse:
        return _fresh(await asyncio.to_thread(parts.recent.summary))

    return router


def catalog_of(parts: Parts) -> dict[str, Any]:
    """The engines with all that can be chosen of each, the default first, and how much may be sent."""
    return {
        "max_chars": parts.service.max_chars,
        "max_upload_bytes": parts.max_upload_bytes,
        "engines": [_engine(status) for status in parts.service.engines()],
    }


def _engine(status: EngineStatus) -> dict[str, Any]:
    """`state`: ready, loading, or failed; why it failed is the operator's business."""
    state = "ready" if status.workers_up else "failed" if status.problem else "loading"
    found = {"name": status.name, "kind": status.kind, "state": state, "info": None}
    return found if status.info is None else found | {"info": asdict(status.info)}


async def _told(pieces: Pieces, progress: Progress, line: RequestLine) -> Pieces:
    """Events: `queue` with the place in it, `audio` with the pieces of a WAV, `done` with the figures, or `error`.

    What fails before the first of them is raised.
    """
    told = False
    async with aclosing(_moments(pieces, progress)) as moments:
        try:
            async for moment in moments:
                told = True
                yield moment
        except Exception as exc:
            if not told:
                raise
            line.fail(exc)
            yield event("error", error=error_object(exc), figures=figures_of(line.event))
            return
    yield event("done", figures=figures_of(line.event))


async def _moments(pieces: Pieces, progress: Progress) -> AsyncGenerator[bytes, None]:
    async with aclosing(pieces):
        async with aclosing(_places(pieces, progress)) as places:
            async for place in places:
                yield place
        async for piece in pieces:
            yield event("audio", audio=base64.b64encode(piece).decode())


async def _places(pieces: Pieces, progress: Progress) -> AsyncGenerator[bytes, None]:
    """The place in the queue as it changes, 0 for: it is being spoken; then the first piece."""
    first = asyncio.ensure_future(anext(pieces, b""))
    place: int | None = None
    try:
        while not (await asyncio.wait({first}, timeout=LOOK_SECONDS))[0]:
            before, place = place, progress.position
            if place != before:
                yield event("queue", place=place or 0)
    finally:
        if not first.done():
            first.cancel()
            with suppress(Exception, asyncio.CancelledError):
                await first
    if piece := first.result():
        yield event("audio", audio=base64.b64encode(piece).decode())


def _fresh(body: dict[str, Any]) -> JSONResponse:
    return JSONResponse(body, headers={"Cache-Control": "no-store"})
