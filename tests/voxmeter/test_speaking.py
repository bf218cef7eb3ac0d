"""The HTTP client of the demo, against a small real server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from voxmeter.corpus import SpokenRequest
from voxmeter.errors import CheckFailed
from voxmeter.speaking import Answer, body_of, speak_all


def spoken_request(**over: object) -> SpokenRequest:
    values: dict[str, object] = {
        "text": "hello", "language": "en", "emotion": "happy", "emotion_intensity": 0.7, "speaker": "f1", "speed": 1.0,
        "route": "/v1/audio/speech", "response_format": "wav", "expected": 200,
    }  # fmt: skip
    return SpokenRequest(**{**values, **over})  # type: ignore[arg-type]


class Service(BaseHTTPRequestHandler):
    """Answers as the service does: audio, a link to audio, or an error for an empty text."""

    bodies: ClassVar[list[dict[str, object]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.bodies.append(body)
        text = body.get("text", body.get("input"))
        if text == "another id":
            return self._answer(200, b"RIFF", request_id="other")
        if not text:
            return self._answer(400, b'{"error": "Text is required"}')
        if self.path == "/generate":
            return self._answer(200, b'{"audio_url": "/audio/a.wav", "duration": 0.1}')
        return self._answer(200, b"RIFF1234")

    def do_GET(self) -> None:
        self._answer(200, b"RIFF123456")

    def _answer(self, status: int, content: bytes, request_id: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Request-Id", request_id or str(self.headers["X-Request-Id"]))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(name="url")
def _url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_answers_come_in_order_with_their_audio(url: str):
    """Each route's audio is fetched, an error is an answer too, and the order is that of the requests."""
    asked = [
        ("a", spoken_request()),
        ("b", spoken_request(route="/generate")),
        ("c", spoken_request(text="", expected=400)),
        ("d", spoken_request(text="")),
    ]
    told: list[Answer] = []
    answers = speak_all(url, asked, told.append)

    assert [(a.request_id, a.http_status, a.audio_bytes, a.as_expected) for a in answers] == [
        ("a", 200, 8, True),
        ("b", 200, 10, True),
        ("c", 400, 0, True),
        ("d", 400, 0, False),
    ]
    assert {a.request_id for a in told} == {"a", "b", "c", "d"}


def test_another_request_id_is_an_error(url: str):
    """An answer under another id than was sent can't be matched with its row."""
    with pytest.raises(CheckFailed, match="another X-Request-Id"):
        speak_all(url, [("a", spoken_request(text="another id"))], lambda _: None)


def test_no_service_is_an_error():
    """A refused connection is one line."""
    with pytest.raises(CheckFailed, match="gave no answer: ConnectError"):
        speak_all("http://127.0.0.1:9", [("a", spoken_request())], lambda _: None)


def test_bodies_are_what_the_routes_understand():
    """OpenAI's fields for one route, {text, speaker} for the other."""
    common = {"language": "en", "emotion": "happy", "emotion_intensity": 0.7, "speed": 1.0}

    assert body_of(spoken_request(route="/generate")) == {"text": "hello", "speaker": "f1", **common}
    assert body_of(spoken_request()) == {
        "model": "tts-1", "input": "hello", "voice": "f1", "response_format": "wav", **common,
    }  # fmt: skip
