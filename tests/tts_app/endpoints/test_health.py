"""Health and readiness, and what every route says where there is nothing."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import ScriptedEngine, info


def test_it_is_ready_when_every_engine_is(make_api: Any) -> None:
    """One that isn't loaded yet makes it 503, and is named."""
    ready = make_api().ask("GET", "/readyz")
    waiting = make_api(ScriptedEngine(info("plain")), ScriptedEngine(None, "later")).ask("GET", "/readyz")

    plain = {"name": "plain", "ready": True, "workers_up": 1, "workers_configured": 1}
    later = {"name": "later", "ready": False, "workers_up": 0, "workers_configured": 1}
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "engines": [plain]})
    assert (waiting.status_code, waiting.json()) == (503, {"status": "not ready", "engines": [plain, later]})


@pytest.mark.parametrize(("status", "code"), [("ok", 200), ("unavailable", 503)])
def test_health_is_a_status(make_api: Any, status: str, code: int) -> None:
    """What the service says, with the status that a restarter looks at."""
    answer = make_api(health=lambda: {"status": status}).ask("GET", "/healthz")

    assert (answer.status_code, answer.json()) == (code, {"status": status})


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "allowed"),
    [
        ("GET", "/nothing", 404, "NOT_FOUND", None),
        ("POST", "/v1/audio/transcriptions", 404, "NOT_FOUND", None),
        ("GET", "/v1/audio/speech", 405, "METHOD_NOT_ALLOWED", "POST"),
        ("GET", "/generate", 405, "METHOD_NOT_ALLOWED", "POST"),
        ("DELETE", "/v1/models", 405, "METHOD_NOT_ALLOWED", "GET"),
    ],
)
def test_what_is_not_there_is_said_in_the_shape_of_every_error(
    make_api: Any, lines: Any, method: str, path: str, status: int, code: str, allowed: str | None
) -> None:
    """Code, message, type; 405 says what would be allowed. None of it is a request to speak, so there is no line."""
    answer = make_api().ask(method, path)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["type"]) == (status, code, "invalid_request_error")
    assert answer.headers.get("allow") == allowed
    assert set(error) == {"code", "message", "type", "param", "retryable"}
    assert lines.requests() == []


def test_a_bug_outside_of_speaking_says_nothing_of_itself(make_api: Any) -> None:
    """500 in the same shape, without the exception's words."""

    def broken() -> Any:
        raise ZeroDivisionError("secret")

    answer = make_api(health=broken).ask("GET", "/healthz")

    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL_SERVER_ERROR")
    assert "secret" not in answer.text
