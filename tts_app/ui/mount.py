"""Puts the web page at /ui: gradio's part of it, and the scripts that it loads."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import FileResponse, Response

from tts_app.answers import http_error_answer
from tts_app.routes import PAGE
from tts_app.ui.layout import build_page
from tts_app.ui.texts import FOLDER, translated
from tts_app.ui.theme import theme

MEDIA_TYPES = {".js": "text/javascript", ".json": "application/json"}
FILES = {path.name: path for path in sorted(FOLDER.iterdir()) if path.suffix in MEDIA_TYPES}


def mount_ui(app: FastAPI) -> FastAPI:
    """`app` with the page at /ui; what the page asks for beyond itself is in `endpoints.webui`."""

    @app.get(PAGE + "/page/{name}", include_in_schema=False)
    async def script(name: str) -> Response:
        if name not in FILES:
            return http_error_answer(404, "There is no such file.")
        path: Path = FILES[name]
        return FileResponse(path, media_type=MEDIA_TYPES[path.suffix], headers={"Cache-Control": "no-cache"})

    page = build_page()
    page.queue(api_open=False)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        page,
        path=PAGE,
        footer_links=[],
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        show_error=False,
        run_history=False,
        max_file_size=0,
        i18n=translated,
        theme=theme(),
        css_paths=FOLDER / "page.css",
    )
    return mounted
