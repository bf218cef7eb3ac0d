"""ASGI middleware: of the routes that gradio brings along only those that the page itself asks for are there.

gradio mounts some sixty: an API of its own, uploads, files, a proxy, an editor, monitoring. Nobody here needs them, so
they don't exist.
"""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from tts_app.answers import http_error_answer
from tts_app.routes import PAGE, route_of, under_page

_GET = re.compile(
    r"/?|/(?:assets|static)/[A-Za-z0-9_./@+-]+|/(?:theme\.css|catalog|recent)|/page/[a-z]{1,32}\.(?:js|json)"
)
_POST = re.compile(r"/speak")
ALLOWED = {"GET": _GET, "HEAD": _GET, "POST": _POST}


class PageGate:
    """Lets the page's own requests pass."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what isn't for the page passes by."""
        if scope["type"] != "http" or not under_page(route_of(scope)) or _is_the_page_s(scope):
            await self._app(scope, receive, send)
            return
        answer = http_error_answer(404, "There is nothing here.")
        await answer(scope, receive, send)


def _is_the_page_s(scope: Scope) -> bool:
    below = route_of(scope).removeprefix(PAGE)
    allowed = ALLOWED.get(scope["method"])
    return allowed is not None and ".." not in below and bool(allowed.fullmatch(below))
