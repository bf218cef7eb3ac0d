"""What a browser opens: the page about the API, the audio behind links, the picture in the tab."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from tts_app.answers import http_error_answer
from tts_app.audio import FORMATS
from tts_app.docs import docs_page
from tts_app.endpoints.parts import Parts

FAVICON = Path(__file__).parents[1] / "favicon.svg"


def page_routes(parts: Parts) -> APIRouter:
    """GET /docs, /audio/{name}, /favicon.ico and /."""
    router = APIRouter()

    @router.get("/audio/{name}", response_class=FileResponse)
    async def audio(name: str) -> Response:
        path = parts.files.find(name)
        if path is None:
            return http_error_answer(404, "There is no such audio, or it is no longer kept.")
        return FileResponse(path, media_type=FORMATS[path.suffix[1:]][2])

    @router.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        url = str(request.base_url).rstrip("/")
        return HTMLResponse(docs_page(url, parts.service.max_chars, parts.service.engines()))

    @router.get("/favicon.ico", include_in_schema=False)
    async def favicon() -> FileResponse:
        return FileResponse(FAVICON, media_type="image/svg+xml")

    @router.get("/", include_in_schema=False)
    async def root(request: Request) -> RedirectResponse:
        return RedirectResponse(f"{request.scope.get('root_path', '')}/ui/")

    return router
