"""ASGI middleware: of the routes that gradio brings along only those that the page itself asks for are there.

gradio mounts some sixty: an API of its own, a proxy, an editor, monitoring, uploads of recordings. Nobody here needs
them, so they don't exist.
"""

from __future__ import annotations

import re
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from tts_app.answers import http_error_answer
from tts_app.routes import PAGE, route_of, under_page

# A hash that gradio gives to a browser's tab.
_ID = r"[A-Za-z0-9_-]{1,64}"
_GET = (
    r"/?",
    r"/(?:assets|static)/[A-Za-z0-9_./@+-]+",
    r"/(?:theme\.css|favicon\.ico|catalog|recent)",
    r"/page/[a-z]{1,32}\.(?:js|json)",
    r"/gradio_api/(?:queue/data|upload_progress)",
    rf"/gradio_api/heartbeat/{_ID}",
    rf"/gradio_api/stream/{_ID}/{_ID}/[0-9]+/(?:playlist\.m3u8|playlist-file|{_ID}\.[a-z0-9]{{1,4}})",
)
_POST = (r"/speak", r"/gradio_api/(?:queue/join|upload|reset/?|cancel)")
ALLOWED = {"GET": re.compile("|".join(_GET)), "HEAD": re.compile("|".join(_GET)), "POST": re.compile("|".join(_POST))}
FILE = f"{PAGE}/gradio_api/file="
_KEPT = re.compile(r"[0-9a-f]{16,128}/[^/\x00-\x1f]{1,255}")


class PageGate:
    """Lets the page's own requests pass; `folder` is where gradio keeps its files, and no other file is given out."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self._app = app
        self._folder = str(folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what isn't for the page passes by."""
        if scope["type"] != "http" or not under_page(route_of(scope)) or self._is_the_page_s(scope):
            await self._app(scope, receive, send)
            return
        answer = http_error_answer(404, "There is nothing here.")
        await answer(scope, receive, send)

    def _is_the_page_s(self, scope: Scope) -> bool:
        route = route_of(scope)
        if route.startswith(FILE):
            return scope["method"] in ("GET", "HEAD") and self._is_kept(route.removeprefix(FILE))
        allowed = ALLOWED.get(scope["method"])
        return allowed is not None and ".." not in route and bool(allowed.fullmatch(route[len(PAGE) :]))

    def _is_kept(self, path: str) -> bool:
        """Whether it has the form of a file that gradio put into its folder: a folder named by a hash, and a name."""
        below = path.removeprefix(f"{self._folder}/")
        return below != path and ".." not in below and bool(_KEPT.fullmatch(below))
