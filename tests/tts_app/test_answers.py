"""Errors in the words of each route."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tts_app.answers import error_answer, http_error_answer
from tts_app.errors import RequestFailed
from tts_app.events import ERRORS


def body(source: str, error: BaseException) -> dict[str, Any]:
    return dict(json.loads(bytes(error_answer(source, error).body)))


def test_openai_s_clients_get_an_error_object() -> None:
    """Code, message, type, param, and whether to try again."""
    assert body("openai", RequestFailed("INVALID_SPEAKER", "No such voice.", "voice")) == {
        "error": {
            "code": "INVALID_SPEAKER",
            "message": "No such voice.",
            "type": "invalid_request_error",
            "param": "voice",
            "retryable": False,
        }
    }
    assert body("openai", RequestFailed("QUEUE_FULL", "m"))["error"]["type"] == "server_error"


def test_generate_s_clients_get_a_sentence() -> None:
    """As they know it, and the object beside it in the words of their fields."""
    answer = body("api", RequestFailed("INVALID_SPEAKER", "No such voice.", "voice"))

    assert answer["error"] == "No such voice."
    assert (answer["detail"]["code"], answer["detail"]["param"]) == ("INVALID_SPEAKER", "speaker")
    assert body("api", KeyError("secret"))["error"] == "Something went wrong inside the service."


@pytest.mark.parametrize("code", ERRORS)
def test_who_may_try_again_is_told_when(code: str) -> None:
    """Retry-After where it may help, and OpenAI's clients, which repeat every 5xx, are told where it doesn't."""
    answer = error_answer("openai", RequestFailed(code, "m"))

    kind = ERRORS[code]
    assert answer.status_code == kind.http_status
    assert answer.headers.get("retry-after") == ("1" if kind.retryable else None)
    assert answer.headers["x-should-retry"] == ("true" if kind.retryable else "false")


def test_other_routes_answer_in_the_same_shape() -> None:
    """The code is the name of the status."""
    answer = http_error_answer(405, "Method Not Allowed.", headers={"Allow": "GET"})

    assert json.loads(bytes(answer.body)) == {
        "error": {
            "code": "METHOD_NOT_ALLOWED",
            "message": "Method Not Allowed.",
            "type": "invalid_request_error",
            "param": None,
            "retryable": False,
        }
    }
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
