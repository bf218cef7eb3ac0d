"""What an error looks like to the client of each route."""

from __future__ import annotations

from fastapi.responses import JSONResponse

from tts_app.errors import RequestFailed
from tts_app.events import ERRORS
from tts_app.requestlog import code_of

RETRY_AFTER_SECONDS = "1"


def message_of(error: BaseException) -> str:
    """One sentence for the user; never a foreign exception's own words, which may quote the text."""
    if isinstance(error, RequestFailed):
        return str(error)
    return "Something went wrong inside the service."


def error_answer(source: str, error: BaseException) -> JSONResponse:
    """The answer to a request of `source` (`openai`: OpenAI's error object; `api`: {"error": message})."""
    code = code_of(error)
    kind = ERRORS[code]
    param = error.param if isinstance(error, RequestFailed) else None
    body: dict[str, object] = {"error": message_of(error)}
    if source == "openai":
        body["error"] = {
            "code": code,
            "message": message_of(error),
            "type": "invalid_request_error" if kind.fault == "client" else "server_error",
            "param": param,
            "retryable": kind.retryable,
        }
    headers = {"Retry-After": RETRY_AFTER_SECONDS} if kind.http_status in (429, 503) else {}
    return JSONResponse(body, status_code=kind.http_status, headers=headers)
