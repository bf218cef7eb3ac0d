"""ASGI middleware: the headers that tell a browser what the pages of this service may do, on every answer.

CORS is closed: no answer bears a header that would let a page of another site read it, whatever a library thinks.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tts_app.routes import route_of, under_page

# gradio's page begins with scripts of its own in the HTML and makes functions of text; all of it comes from here, and
# nothing on the page may ask another host.
PAGE_POLICY = "; ".join((
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self' data: blob:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
))  # fmt: skip
PLAIN_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), payment=(), usb=(), microphone=(self)"),
)
OURS = frozenset((*(name for name, _ in ALWAYS), b"content-security-policy", b"server", b"x-powered-by"))


class SecurityHeaders:
    """Sets ours, and takes those of CORS and those that name our libraries away."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what is no HTTP passes by."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        policy = PAGE_POLICY if under_page(route_of(scope)) else PLAIN_POLICY
        ours = [*ALWAYS, (b"content-security-policy", policy.encode())]

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                theirs = [pair for pair in message.get("headers", []) if _stays(pair[0].lower())]
                message = {**message, "headers": [*theirs, *ours]}
            await send(message)

        await self._app(scope, receive, with_headers)


def _stays(name: bytes) -> bool:
    return name not in OURS and not name.startswith(b"access-control-")
