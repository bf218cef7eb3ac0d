"""Errors in the words of each route."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tts_app.answers import error_answer
from tts_app.errors import RequestFailed


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
    """As they know it."""
    assert body("api", RequestFailed("EMPTY_TEXT", "Text is required")) == {"error": "Text is required"}
    assert body("api", KeyError("secret")) == {"error": "Something went wrong inside the service."}


@pytest.mark.parametrize(("code", "status", "retry"), [("QUEUE_FULL", 503, "1"), ("EMPTY_TEXT", 400, None)])
def test_a_busy_service_says_when_to_come_back(code: str, status: int, retry: str | None) -> None:
    """Retry-After on 503."""
    answer = error_answer("openai", RequestFailed(code, "m"))

    assert (answer.status_code, answer.headers.get("retry-after")) == (status, retry)
