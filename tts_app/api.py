"""The HTTP API: OpenAI's speech route, the older /generate, lists, health, and the files that answers link to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from tts_app.answers import error_answer, http_error_answer
from tts_app.delivery import Bodies, OneLineEach, source_of
from tts_app.endpoints.generate import generate_routes
from tts_app.endpoints.health import health_routes
from tts_app.endpoints.lists import list_routes
from tts_app.endpoints.pages import page_routes
from tts_app.endpoints.parts import Parts
from tts_app.endpoints.speech import speech_routes
from tts_app.endpoints.webui import webui_routes
from tts_app.errors import RequestFailed

# A character takes at most 12 bytes in JSON (a surrogate pair, escaped); the rest is for the other fields.
BYTES_PER_CHAR, OTHER_BYTES = 12, 16 * 1024
UPLOADS = 2

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def build_api(parts: Parts, lifespan: Lifespan) -> FastAPI:
    """The application without the web page. /docs is a page of ours: FastAPI's loads scripts from another host."""
    app = FastAPI(title="Voxmeter TTS", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(OneLineEach, requests=parts.requests, flood=parts.flood, bodies=_bodies(parts))
    app.add_exception_handler(RequestFailed, _answer_failure)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_bug)
    for routes in (speech_routes, generate_routes, list_routes, health_routes, page_routes, webui_routes):
        app.include_router(routes(parts))
    return app


def _bodies(parts: Parts) -> Bodies:
    fields = parts.service.max_chars * BYTES_PER_CHAR + OTHER_BYTES
    return Bodies(json_bytes=fields, form_bytes=fields + UPLOADS * parts.max_upload_bytes)


async def _answer_failure(request: Request, error: Exception) -> Response:
    request.state.line.fail(error)
    return error_answer(source_of(request.scope) or "openai", error)


async def _answer_http(request: Request, error: Exception) -> Response:
    """What the framework refuses: an unknown path, another method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    return http_error_answer(error.status_code, f"{error.detail}.", headers=error.headers)


async def _answer_bug(request: Request, error: Exception) -> Response:
    """What nobody foresaw in a route that doesn't speak; the others have their line to say it."""
    return http_error_answer(500, "Something went wrong inside the service.")
