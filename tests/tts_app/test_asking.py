"""A sentence of a running service: what it is sent, and what its refusals become."""

from __future__ import annotations

import json

import httpx2
import pytest

from tts_app.answers import error_answer
from tts_app.asking import Answered, ask
from tts_app.errors import AppError, RequestFailed
from tts_app.events import ERRORS
from tts_app.synthesis import Order

URL = "http://voice.test/sub/"
ORDER = Order(text="hello", speaker="f1", emotion="happy", seed=7)


def asked(answer: httpx2.Response | Exception, order: Order = ORDER) -> tuple[Answered, httpx2.Request]:
    """What came of one request, and the request."""
    seen: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    answered = ask(URL, "vox_key", order, inline_tags=False, transport=httpx2.MockTransport(handler))
    return answered, seen[0]


def test_an_order_is_sent_as_the_api_wants_it() -> None:
    """Below the path of the URL, with the key; what is not set is left out."""
    headers = {"x-request-id": "r1", "x-audio-seconds": "1.5", "x-rtf": "0.1", "x-queue-seconds": "nonsense"}

    answered, request = asked(httpx2.Response(200, content=b"sound", headers=headers))

    assert answered == Answered(b"sound", "r1", 1.5, 0.1, None)
    assert (str(request.url), request.headers["authorization"]) == (
        "http://voice.test/sub/v1/audio/speech",
        "Bearer vox_key",
    )
    assert json.loads(request.content) == {
        "input": "hello",
        "voice": "f1",
        "language": "auto",
        "emotion": "happy",
        "emotion_intensity": 1.0,
        "speed": 1.0,
        "seed": 7,
        "response_format": "wav",
        "inline_tags": False,
    }


def test_a_reference_makes_it_a_form() -> None:
    """Flags in the words of JSON, the file under a name of ours."""
    _, request = asked(httpx2.Response(200), Order(text="hi", reference_audio=b"RIFF", reference_text="as I said"))

    assert request.headers["content-type"].startswith("multipart/form-data")
    assert b'name="reference_audio"; filename="reference"' in request.content
    assert b'name="inline_tags"\r\n\r\nfalse' in request.content


@pytest.mark.parametrize("code", ERRORS)
def test_a_refusal_is_told_and_says_whether_to_try_again(code: str) -> None:
    """The service's sentence; exit code 75 where trying again may help."""
    answer = error_answer("openai", RequestFailed(code, "So it is."))

    with pytest.raises(AppError) as failed:
        asked(httpx2.Response(answer.status_code, content=bytes(answer.body)))

    assert (str(failed.value), failed.value.exit_code) == ("So it is.", 75 if ERRORS[code].retryable else 1)
    assert bool(failed.value.hint) == (code == "UNAUTHORIZED")


@pytest.mark.parametrize("content", [b"", b"<html>", b'"x"', b'{"error": "sentence"}', b'{"error": {}}', b"[]"])
def test_what_is_no_answer_of_ours_is_told_as_such(content: bytes) -> None:
    """Something else stands at that address."""
    with pytest.raises(AppError, match="the service answered with 502"):
        asked(httpx2.Response(502, content=content))


@pytest.mark.parametrize("error", [httpx2.ConnectError("x"), httpx2.ReadTimeout("x"), httpx2.RemoteProtocolError("x")])
def test_nobody_there_is_a_reason_to_try_again(error: Exception) -> None:
    """Exit code 75, and how to start one."""
    with pytest.raises(AppError, match=r"no service answers at http://voice\.test/sub/") as failed:
        asked(error)

    assert (failed.value.exit_code, failed.value.hint) == (75, "tts-app serve starts one")


@pytest.mark.parametrize("url", ["nonsense", "ftp://x", ""])
def test_a_url_that_is_none_is_wrong_use(url: str) -> None:
    """Exit code 2."""
    with pytest.raises(AppError) as failed:
        ask(url, None, ORDER, inline_tags=True)

    assert failed.value.exit_code == 2
