"""A client without a socket: one request through an ASGI application, and the whole answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def error(self) -> tuple[int, str]:
        """The status, and the code of an error in OpenAI's shape."""
        return self.status, json.loads(self.body)["error"]["code"]


@dataclass
class Inside:
    """An application that answers everything, and remembers what it was asked."""

    status: int = 200
    scopes: list[Scope] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"server", b"x")]})
        await send({"type": "http.response.body", "body": b"inside"})


def scope_of(method: str = "GET", path: str = "/", headers: dict[str, str] | None = None, **more: Any) -> Scope:
    """The scope of a request from 192.0.2.7."""
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
    base = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "headers": pairs}
    return (
        base | {"client": ("192.0.2.7", 5), "scheme": "http", "query_string": b"", "root_path": "", "state": {}} | more
    )


def ask(app: ASGIApp, scope: Scope, *pieces: bytes) -> Answer:
    """One request with a body in pieces."""
    sent: list[Message] = []
    queue = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
        for number, piece in enumerate(pieces or (b"",), start=1)
    ]

    async def receive() -> Message:
        return queue.pop(0) if queue else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def asked() -> None:
        await app(scope, receive, send)

    asyncio.run(asked())
    headers = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))
