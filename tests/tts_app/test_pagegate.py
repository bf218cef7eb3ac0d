"""Of gradio's routes only its scripts and styles are there, and beside them what the page of ours asks for."""

from __future__ import annotations

import pytest

from tests.tts_app.asgi import Inside, ask, scope_of
from tts_app.pagegate import PageGate


def status(path: str, method: str = "GET", root_path: str = "") -> int:
    return ask(PageGate(Inside()), scope_of(method, path, root_path=root_path)).status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/ui"),
        ("GET", "/ui/"),
        ("HEAD", "/ui/"),
        ("GET", "/ui/assets/index-B4x_9.js"),
        ("GET", "/ui/static/js/iframeResizer.contentWindow.min.js"),
        ("GET", "/ui/theme.css"),
        ("GET", "/ui/catalog"),
        ("GET", "/ui/recent"),
        ("GET", "/ui/page/main.js"),
        ("GET", "/ui/page/texts.json"),
        ("POST", "/ui/speak"),
        ("GET", "/v1/models"),
        ("DELETE", "/anything"),
    ],
)
def test_what_the_page_asks_for_passes(method: str, path: str) -> None:
    """And what is no business of the page."""
    assert status(path, method) == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/ui/config"),
        ("GET", "/ui/gradio_api/info"),
        ("GET", "/ui/gradio_api/openapi.json"),
        ("POST", "/ui/gradio_api/run/predict"),
        ("POST", "/ui/gradio_api/api/predict"),
        ("POST", "/ui/gradio_api/call/speak"),
        ("POST", "/ui/gradio_api/call/v2/speak"),
        ("GET", "/ui/gradio_api/proxy=https://evil.example/"),
        ("POST", "/ui/gradio_api/vibe-edit/"),
        ("GET", "/ui/monitoring"),
        ("POST", "/ui/gradio_api/run-history/connect"),
        ("POST", "/ui/gradio_api/process_recording"),
        ("POST", "/ui/login"),
        ("PUT", "/ui/"),
        ("OPTIONS", "/ui/gradio_api/queue/join"),
        ("GET", "/ui/assets/../../secret"),
        ("GET", "/ui/gradio_api/file=/etc/passwd"),
        ("GET", "/ui/gradio_api/file=http://169.254.169.254/latest/meta-data"),
        ("POST", "/ui/gradio_api/queue/join"),
        ("GET", "/ui/gradio_api/queue/data"),
        ("POST", "/ui/gradio_api/upload"),
        ("GET", "/ui/gradio_api/heartbeat/abc123"),
        ("GET", "/ui/page/../mount.py"),
        ("GET", "/ui/page/mount.py"),
        ("POST", "/ui/catalog"),
        ("GET", "/ui/speak"),
    ],
)
def test_all_else_of_gradio_is_not_there(method: str, path: str) -> None:
    """Its API, its proxy, its editor, its monitoring, and every file of the machine."""
    answer = ask(PageGate(Inside()), scope_of(method, path))

    assert answer.error() == (404, "NOT_FOUND")
    assert status(f"/tts{path}", method, root_path="/tts") == 404
