"""ASGI middleware: how much a client may send. What is too long is refused by its length, before it is read."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tts_app.answers import http_error_answer
from tts_app.delivery import source_of
from tts_app.errors import RequestFailed
from tts_app.routes import PAGE, route_of

UPLOAD = f"{PAGE}/gradio_api/upload"
# Around a file's own bytes: boundaries, headers, a name.
FORM_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Bytes: of one body that is no upload, of one upload, and of all bodies of speaking requests in memory at once."""

    body_bytes: int
    upload_bytes: int
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
        most = self._sizes.upload_bytes + FORM_BYTES if route_of(scope) == UPLOAD else self._sizes.body_bytes
        if int(headers.get("content-length", "0")) > most:
            return http_error_answer(413, f"The body is above {most} bytes.")
        return None

    async def _hold(self, scope: Scope, receive: Receive, send: Send) -> None:
        # More than this of one request is not kept by whoever reads it.
        most, held = 2 * self._sizes.upload_bytes + self._sizes.body_bytes, 0

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
