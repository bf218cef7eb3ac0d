"""The page at /docs says what the service takes."""

from __future__ import annotations

import re
from typing import Any

from tts_app.docs import docs_page
from tts_app.endpoints.bodies import GenerateBody, SpeechBody
from tts_app.endpoints.uploads import AUDIO
from tts_app.engines.info import EngineInfo, EngineStatus, Speaker
from tts_app.events import ERRORS


def status(name: str, info: EngineInfo | None) -> EngineStatus:
    return EngineStatus(
        name=name, kind="espeak", default=info is not None, info=info, workers_configured=1, workers_up=1, workers_busy=0, waiting=0
    )  # fmt: skip


LOADED = EngineInfo(
    name="espeak",
    kind="espeak",
    sample_rate_hz=22050,
    languages=("zh", "en"),
    speakers=tuple(Speaker(id=f"v{number}", label=f"V {number}") for number in range(20)),
    emotion_modes=("preset", "vector"),
)
PAGE = docs_page("http://127.0.0.1:7860", 4096, [status("espeak", LOADED), status("clone<x>", None)])


def test_every_field_and_every_error_is_named() -> None:
    """The fields of both bodies and the whole taxonomy stand on the page."""
    codes = set(re.findall(r"<code>([\w{}/.-]+)</code>", PAGE))

    assert {*SpeechBody.model_fields, *GenerateBody.model_fields, *AUDIO, *ERRORS} - codes == set()


def test_every_route_is_described(service: Any) -> None:
    """No route of the running service is missing on its page, and none on the page is missing in the service."""
    page = service.http.get("/docs").text
    described = {path for _, path in re.findall(r"<h2>(GET|POST) <code>([^<]+)</code></h2>", page)}

    assert described == set(service.http.get("/openapi.json").json()["paths"])


def test_every_engine_is_told() -> None:
    """Its languages and voices, not more of them than can be read, and one that isn't loaded as such."""
    rows = PAGE[PAGE.index("<th>engine</th>") : PAGE.index("<h2>POST")]
    text = re.sub(r"<[^>]*>", " ", rows)

    assert re.sub(r"\s+", " ", text.partition("clones")[2]).strip() == (
        "espeak (default) zh , en " + " , ".join(f"v{number}" for number in range(16)) + " and 4 more preset, vector no"
        " clone&lt;x&gt; not loaded"
    )


def test_nothing_is_left_to_fill_in_or_fetched_from_elsewhere() -> None:
    """No placeholder stays, and no address but the service's own is on the page."""
    assert re.findall(r"__[A-Z_]+__", PAGE) == []
    assert set(re.findall(r"https?://[^\s\"'<]+", PAGE)) == {
        "http://127.0.0.1:7860/v1",
        "http://127.0.0.1:7860/v1/audio/speech",
        "http://127.0.0.1:7860/generate",
    }
