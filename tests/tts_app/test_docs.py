"""The page at /docs says what the service takes."""

from __future__ import annotations

import re
from typing import Any

from tts_app.api import GenerateBody, SpeechBody
from tts_app.docs import docs_page
from tts_app.events import ERRORS

PAGE = docs_page("http://127.0.0.1:7860", 4096)


def test_every_field_and_every_error_is_named() -> None:
    """The fields of both bodies and the whole taxonomy stand on the page."""
    codes = set(re.findall(r"<code>([\w{}/.-]+)</code>", PAGE))

    assert {*SpeechBody.model_fields, *GenerateBody.model_fields, *ERRORS} - codes == set()


def test_every_route_is_described(service: Any) -> None:
    """No route of the running service is missing on its page, and none on the page is missing in the service."""
    page = service.http.get("/docs").text
    described = {path for _, path in re.findall(r"<h2>(GET|POST) <code>([^<]+)</code></h2>", page)}

    assert described == set(service.http.get("/openapi.json").json()["paths"])


def test_nothing_is_left_to_fill_in_or_fetched_from_elsewhere() -> None:
    """No placeholder stays, and no address but the service's own is on the page."""
    assert re.findall(r"__[A-Z_]+__", PAGE) == []
    assert set(re.findall(r"https?://[^\s\"'<]+", PAGE)) == {
        "http://127.0.0.1:7860/v1/audio/speech",
        "http://127.0.0.1:7860/generate",
    }
