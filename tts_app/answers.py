"""What an error looks like to the client of each route."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse

from tts_app.errors import RequestFailed
from tts_app.events import ERRORS
from tts_app.requestlog import code_of

RETRY_AFTER_SECONDS = "1"
# What the fields of /v1/audio/speech are called in /generate.
GENERATE_FIELDS = {"input": "text", "voice": "speaker", "response_format": "format"}


def message_of(error: BaseException) -> str:
    """One sentence for the user; never a foreign exception's own words, which may quote the text."""
    if isinstance(error, RequestFailed):
        return str(error)
    return "Something went wrong inside the service."


def error_object(error: BaseException) -> dict[str, Any]:
    """`error` in OpenAI's words and ours: code, message, type, the field at fault, and whether to try again."""
    kind = ERRORS[code_of(error)]
    return {
        "code": code_of(error),
        "message": message_of(error),
        "type": "invalid_request_error" if kind.fault == "client" else "server_error",
        "param": error.param if isinstance(error, RequestFailed) else None,
        "retryable": kind.retryable,
    }


def error_answer(source: str, error: BaseException) -> JSONResponse:
    """The answer to a request of `source`: {"error": object}, and for `api` {"error": message, "detail": object}."""
    kind = ERRORS[code_of(error)]
    thing = error_object(error)
    body = {"error": thing}
    if source == "api":
        thing["param"] = GENERATE_FIELDS.get(thing["param"], thing["param"])
        body = {"error": thing["message"], "detail": thing}
    # OpenAI's clients repeat what ends with 5xx unless they are told not to.
    headers = {"X-Should-Retry": str(kind.retryable).lower()}
    if kind.retryable:
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    return JSONResponse(body, status_code=kind.http_status, headers=headers)


def http_error_answer(
    status: int, message: str, *, param: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer of a route that doesn't speak: the same object, its code the name of the HTTP status."""
    thing = {
        "code": HTTPStatus(status).name,
        "message": message,
        "type": "invalid_request_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error",
        "param": param,
        "retryable": status == HTTPStatus.SERVICE_UNAVAILABLE,
    }
    return JSONResponse({"error": thing}, status_code=status, headers=dict(headers or {}))
