"""The older route: a link to a file, and errors as its clients test for them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import ScriptedEngine, info


@pytest.mark.parametrize(("audio_format", "media_type"), [(None, "audio/wav"), ("mp3", "audio/mpeg")])
def test_a_link_leads_to_the_audio(make_api: Any, lines: Any, audio_format: str | None, media_type: str) -> None:
    """Under a name that nobody guesses, of the kind that was asked for; `duration` are the seconds it took."""
    api = make_api()

    answer = api.ask("POST", "/generate", json={"text": "hello", "speaker": "bo", "format": audio_format})

    url = answer.json()["audio_url"]
    audio = api.ask("GET", url)
    [line] = lines.requests()
    assert answer.json() == {"audio_url": url, "duration": 0.0}
    assert re.fullmatch(rf"/audio/[0-9a-f]{{32}}\.{audio_format or 'wav'}", url)
    assert (audio.headers["content-type"], len(audio.content)) == (media_type, line["audio_bytes"])
    assert (line["source"], line["speaker"], "first_audio_seconds" in line) == ("api", "bo", False)


def test_a_refusal_is_a_sentence_and_an_object(make_api: Any) -> None:
    """`error` a string, as they know it; the object names their own field."""
    answer = make_api().ask("POST", "/generate", json={"text": "hello", "speaker": "xyzzy"})

    message = "voice must be one of anna, bo, or a known alias."
    detail = {
        "code": "INVALID_SPEAKER",
        "message": message,
        "type": "invalid_request_error",
        "param": "speaker",
        "retryable": False,
    }
    assert (answer.status_code, answer.json()) == (404, {"error": message, "detail": detail})


def test_a_link_leads_through_the_proxy_that_it_came_by(make_api: Any, lines: Any) -> None:
    """Below the root path where there is one; the request has its line there as well."""
    api = make_api()

    answer = api.ask("POST", "/voice/generate", json={"text": "hello"}, root_path="/voice")

    url = answer.json()["audio_url"]
    assert url.startswith("/voice/audio/")
    assert api.ask("GET", url, root_path="/voice").status_code == 200
    assert api.ask("GET", "/voice/", root_path="/voice").headers["location"] == "/voice/ui/"
    assert lines.requests()[0]["source"] == "api"


def test_what_both_routes_know_is_known_here(make_api: Any) -> None:
    """Tags, engine, seed, a form."""
    engines = ScriptedEngine(info("plain")), ScriptedEngine(info("other"))
    form = {"text": "[emotion=sad,0.5]hello", "engine": "other", "seed": "3"}

    answer = make_api(*engines).ask("POST", "/generate", data=form, files={"unused": b""})

    [order] = engines[1].orders
    assert answer.status_code == 200
    assert (order.text, order.emotion["label"], order.emotion["intensity"], order.seed) == ("hello", "sad", 0.5, 3)


@pytest.mark.parametrize("name", ["nothing.wav", "..%2F..%2Fetc%2Fpasswd", "%00", "a" * 500])
def test_no_other_name_leads_to_a_file(make_api: Any, name: str) -> None:
    """404 in the shape of every error."""
    answer = make_api().ask("GET", f"/audio/{name}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
