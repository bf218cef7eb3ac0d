"""Of gradio's routes only the page's own are there, and of files only those that gradio keeps for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tts_app.asgi import Inside, ask, scope_of
from tts_app.pagegate import FILE, PageGate

FOLDER = Path("/tmp/tts-app-x/page")  # noqa: S108 - no file is opened
HASH = "b3aad4950e64315af64b5f80678eadcb603f0c2698fbfe02598f26dff0b5220d"


def status(path: str, method: str = "GET", root_path: str = "") -> int:
    return ask(PageGate(Inside(), FOLDER), scope_of(method, path, root_path=root_path)).status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/ui"),
        ("GET", "/ui/"),
        ("HEAD", "/ui/"),
        ("GET", "/ui/assets/index-B4x_9.js"),
        ("GET", "/ui/static/js/iframeResizer.contentWindow.min.js"),
        ("GET", "/ui/theme.css"),
        ("GET", "/ui/gradio_api/queue/data"),
        ("GET", "/ui/gradio_api/heartbeat/abc123"),
        ("GET", f"/ui/gradio_api/file={FOLDER}/{HASH}/audio.wav"),
        ("GET", f"/ui/gradio_api/file={FOLDER}/{HASH}/早上好.wav"),
        ("POST", "/ui/gradio_api/queue/join"),
        ("POST", "/ui/gradio_api/upload"),
        ("POST", "/ui/gradio_api/cancel"),
        ("POST", "/ui/speak"),
        ("GET", "/ui/catalog"),
        ("GET", "/ui/recent"),
        ("GET", "/ui/page/main.js"),
        ("GET", "/ui/page/texts.json"),
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
        ("GET", f"/ui/gradio_api/file={FOLDER}/../audio/x.wav"),
        ("GET", f"/ui/gradio_api/file={FOLDER}/{HASH}/../../audio/x.wav"),
        ("GET", f"/ui/gradio_api/file={FOLDER}2/{HASH}/audio.wav"),
        ("GET", f"/ui/gradio_api/file=/{FOLDER}/{HASH}/audio.wav"),
        ("GET", "/ui/gradio_api/file=http://169.254.169.254/latest/meta-data"),
        ("POST", f"/ui/gradio_api/file={FOLDER}/{HASH}/audio.wav"),
    ],
)
def test_all_else_of_gradio_is_not_there(method: str, path: str) -> None:
    """Its API, its proxy, its editor, its monitoring, and every file of the machine."""
    answer = ask(PageGate(Inside(), FOLDER), scope_of(method, path))

    assert answer.error() == (404, "NOT_FOUND")
    assert status(f"/tts{path}", method, root_path="/tts") == 404


@settings(deadline=None)
@given(st.text())
def test_no_path_leads_out_of_the_folder(path: str) -> None:
    """Whatever passes lies two levels below gradio's folder."""
    for tried in (f"{FILE}{path}", f"{FILE}{FOLDER}/{path}", f"{FILE}{FOLDER}/{HASH}/{path}"):
        if status(tried) == 200:
            assert (Path(tried.removeprefix(FILE)).resolve().parents[1]) == FOLDER
