"""ASGI middleware: how much a client may send. What is too long is refused by its length, before it is read."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tts_app.answers import http_error_answer
from tts_app.delivery import source_of
from tts_app.errors import RequestFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Bytes: of a body that asks for no speech; of one that does, as far as it is kept; of all of those at once."""

    body_bytes: int
    speech_bytes: int
    at_once_bytes: int


class Sized:
    """Holds bodies to their sizes; those of speaking requests are held to theirs where they are read."""

    def __init__(self, app: ASGIApp, sizes: Sizes) -> None:
        self._app = app
        self._sizes = sizes
        self._held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what is no HTTP passes by."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif source_of(scope) is not None:
            await self._hold(scope, receive, send)
        elif refusal := self._refusal(scope):
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = Headers(scope=scope)
        if "transfer-encoding" in headers:
            return http_error_answer(411, "The request must say its length: Content-Length.")
        if int(headers.get("content-length", "0")) > self._sizes.body_bytes:
            return http_error_answer(413, f"The body is above {self._sizes.body_bytes} bytes.")
        return None

    async def _hold(self, scope: Scope, receive: Receive, send: Send) -> None:
        most, held = self._sizes.speech_bytes, 0

        async def counted() -> Message:
            nonlocal held
            message = await receive()
            more = min(len(message.get("body", b"")), most - held)
            held += more
            self._held_bytes += more
            if self._held_bytes > self._sizes.at_once_bytes:
                raise RequestFailed("QUEUE_FULL", "Too much is being sent at once; try again in a second.")
            return message

        try:
            await self._app(scope, counted, send)
        finally:
            self._held_bytes -= held
