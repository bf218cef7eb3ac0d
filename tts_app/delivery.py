"""ASGI middleware around the routes that speak: one log line for each request, written after its last byte.

It reads the body itself (bounded in size and time), watches for a client that goes away, hands the answer over in pieces
so that a slow client's time counts, and turns whatever escapes the routes into an answer and a line.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tts_app.answers import error_answer
from tts_app.errors import RequestFailed
from tts_app.flood import FloodGuard
from tts_app.requestlog import Caller, RequestLine, RequestLog
from tts_app.routes import client_of, route_of

SOURCES = {"/v1/audio/speech": "openai", "/generate": "api", "/ui/speak": "webui"}
BODY_SECONDS = 30.0
PIECE_BYTES = 64 * 1024
# So much of a body that is too long is read and forgotten: a client that still sends would not see the answer.
DRAINED_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """How long a body may be: one of fields alone, and a form that has audio in it too."""

    json_bytes: int
    form_bytes: int

    def refusal(self, scope: Scope) -> tuple[int, RequestFailed]:
        """The limit for this request, and what is said above it."""
        if Headers(scope=scope).get("content-type", "").lower().startswith("multipart/"):
            return self.form_bytes, RequestFailed("REF_AUDIO_INVALID", f"The form is above {self.form_bytes} bytes.")
        message = f"The body is above {self.json_bytes} bytes."
        return self.json_bytes, RequestFailed("TEXT_TOO_LONG", message, "input")


def client_gone() -> RequestFailed:
    """The failure of a request whose client doesn't wait for it."""
    return RequestFailed("CANCELLED", "The client went away.")


class Delivery:
    """The way back to one client: `send` for the routes, in pieces, with the request's id."""

    def __init__(self, line: RequestLine, send: Send) -> None:
        self.line = line
        self.started = False
        self.complete = False
        self.gone = False
        self._send = send

    async def send(self, message: Message) -> None:
        """Passes an ASGI message on.

        Raises:
            RequestFailed: CANCELLED, the client went away in between.
        """
        if message["type"] == "http.response.start":
            self.started = True
            self.line.note(http_status=message["status"])
            headers = [*message.get("headers", []), (b"x-request-id", self.line.request_id.encode())]
            await self._send({**message, "headers": headers})
        elif message["type"] == "http.response.body":
            await self._send_body(message.get("body", b""), more=message.get("more_body", False))

    async def _send_body(self, body: bytes, *, more: bool) -> None:
        for start in range(0, max(len(body), 1), PIECE_BYTES):
            last = start + PIECE_BYTES >= len(body)
            piece = body[start : start + PIECE_BYTES]
            await self._send({"type": "http.response.body", "body": piece, "more_body": more or not last})
            if self.gone:
                raise client_gone()
            if last and not more:
                self.complete = True
            else:
                await asyncio.sleep(0)  # lets a disconnection be seen between two pieces
            if start == 0:
                self.line.handed_over()

    async def answer(self, response: Response, scope: Scope, receive: Receive) -> None:
        """Sends an error that no route has answered, if the client can still take it."""
        if not self.started and not self.gone:
            with contextlib.suppress(RequestFailed):
                await response(scope, receive, self.send)


class OneLineEach:
    """Opens a line for each POST to SOURCES, closes it when the last byte was handed over.

    Args:
        app: the routes; they find the line as `request.state.line`.
        requests: opens the lines.
        flood: says which clients are not heard for now.
        bodies: a longer one is refused.
    """

    def __init__(self, app: ASGIApp, requests: RequestLog, flood: FloodGuard, bodies: Bodies) -> None:
        self._app = app
        self._requests = requests
        self._flood = flood
        self._bodies = bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request of any kind; those that don't speak pass by."""
        source = source_of(scope)
        if source is None:
            await self._app(scope, receive, send)
            return
        client = client_of(scope)
        if self._flood.drops(client):
            failed = RequestFailed("RATE_LIMITED", "Too many bad requests; try again in a second.")
            await error_answer(source, failed)(scope, receive, send)
            return
        delivery = Delivery(self._requests.open(caller_of(source, scope)), send)
        try:
            await self._serve(scope, receive, delivery)
        except Exception as exc:  # noqa: BLE001 - whatever a route didn't foresee: one answer, one line
            delivery.line.fail(exc)
            await delivery.answer(error_answer(source, exc), scope, receive)
        except asyncio.CancelledError as exc:
            delivery.line.fail(exc)
            raise
        finally:
            if delivery.line.code == "CANCELLED":
                delivery.line.note(http_status=499)
            if delivery.line.close().fault == "client":
                self._flood.refused(client)

    async def _serve(self, scope: Scope, receive: Receive, delivery: Delivery) -> None:
        scope.setdefault("state", {})["line"] = delivery.line
        body = await self._read_body(scope, receive)
        routes = asyncio.ensure_future(self._app(scope, _replay(body), delivery.send))
        watch = asyncio.ensure_future(_watch(receive, delivery))
        try:
            await asyncio.wait({routes, watch}, return_when=asyncio.FIRST_COMPLETED)
            if not routes.done() and not delivery.complete:
                raise client_gone()
            await routes
        finally:
            await _end(routes, watch)

    async def _read_body(self, scope: Scope, receive: Receive) -> bytes:
        most, refusal = self._bodies.refusal(scope)
        body, length = bytearray(), 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise client_gone()
                    piece = message.get("body", b"")
                    length += len(piece)
                    if length <= most:
                        body += piece
                    if not message.get("more_body", False) or length > most + DRAINED_BYTES:
                        break
        except TimeoutError as exc:
            raise client_gone() from exc
        if length > most:
            raise refusal
        return bytes(body)


def source_of(scope: Scope) -> str | None:
    """The source of a request that speaks; None for any other."""
    speaks = scope["type"] == "http" and scope["method"] == "POST"
    return SOURCES.get(route_of(scope)) if speaks else None


def caller_of(source: str, scope: Scope) -> Caller:
    """Who sends this request: whom the door knows, else the API key if there is one, else the address."""
    headers = Headers(scope=scope)
    named = scope.get("state", {}).get("named")
    return Caller(
        source=source,
        client=named or headers.get("authorization") or client_of(scope) or None,
        session=headers.get("x-page-session"),
        request_id=headers.get("x-request-id"),
        traceparent=headers.get("traceparent"),
    )


def _replay(body: bytes) -> Receive:
    """A `receive` that gives the body already read, then nothing more."""
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            await asyncio.Event().wait()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _watch(receive: Receive, delivery: Delivery) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    delivery.gone = not delivery.complete


async def _end(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
