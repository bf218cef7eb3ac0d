"""Audio that is sent while it is made: as it is, or as OpenAI's server-sent events with base64 in them."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from tts_app.answers import error_object

Pieces = AsyncGenerator[bytes, None]


class Streamed(StreamingResponse):
    """An answer of which the first piece is known: whatever failed before it has an answer of its own.

    The pieces are closed with the answer, also where the client went away in the middle of it. What fails on the way
    is told to `failed` and breaks the answer off.
    """

    def __init__(
        self, pieces: Pieces, failed: Callable[[BaseException], object], *, media_type: str, headers: dict[str, str]
    ) -> None:
        # A proxy that gathers an answer before it passes it on would make streaming useless.
        unbuffered = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", **headers}
        super().__init__(pieces, media_type=media_type, headers=unbuffered)
        self._pieces = pieces
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends one piece after another."""
        async with aclosing(self._pieces):
            try:
                await self.stream_response(send)
            except Exception as exc:
                # Told here, since the framework makes something else of an error after the start of an answer.
                self._failed(exc)
                raise


async def begun(pieces: AsyncIterator[bytes]) -> Pieces:
    """`pieces`, of which the first is there already.

    Raises:
        RequestFailed: what failed before it.
    """
    first = await anext(pieces, b"")
    return _from(first, pieces)


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> Pieces:
    try:
        if first:
            yield first
        async for piece in rest:
            yield piece
    finally:
        if isinstance(rest, AsyncGenerator):
            await rest.aclose()


async def events_of(
    pieces: Pieces, usage: Callable[[], dict[str, Any]], failed: Callable[[BaseException], object]
) -> Pieces:
    """OpenAI's events: `speech.audio.delta` for each piece, then `speech.audio.done`, or `error` instead of it.

    Args:
        pieces: the audio.
        usage: what `speech.audio.done` says, asked for at the end.
        failed: is told of an error; the answer ends properly all the same, since its status is gone already.
    """
    async with aclosing(pieces):
        try:
            async for piece in pieces:
                if piece:
                    yield event("speech.audio.delta", audio=base64.b64encode(piece).decode())
        except Exception as exc:  # noqa: BLE001 - whatever it is, the client is told, and the line
            failed(exc)
            yield event("error", error=error_object(exc))
            return
        yield event("speech.audio.done", usage=usage())


def event(kind: str, **fields: Any) -> bytes:
    """One server-sent event: its name, and a JSON object that names it too, as OpenAI's have it."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()
