"""Each answer tells the browser what its page may do, and none lets a page of another site read it."""

from __future__ import annotations

import pytest
from starlette.types import Receive, Scope, Send

from tests.tts_app.asgi import Inside, ask, scope_of
from tts_app.headers import ALWAYS, PAGE_POLICY, PLAIN_POLICY, SecurityHeaders


@pytest.mark.parametrize(
    ("path", "policy"),
    [("/ui/", PAGE_POLICY), ("/ui", PAGE_POLICY), ("/docs", PLAIN_POLICY), ("/uix", PLAIN_POLICY), ("/", PLAIN_POLICY)],
)
def test_each_answer_has_them_all(path: str, policy: str) -> None:
    """gradio's page may run its own scripts; everything else none at all; the server doesn't name itself."""
    answer = ask(SecurityHeaders(Inside()), scope_of(path=path))

    expected = {name.decode(): value.decode() for name, value in ALWAYS} | {"content-security-policy": policy}
    assert answer.headers == expected
    assert "frame-ancestors 'none'" in policy
    assert "http:" not in policy
    assert "https:" not in policy


def test_the_page_below_a_root_path_is_the_page() -> None:
    """The policy goes by the route."""
    answer = ask(SecurityHeaders(Inside()), scope_of(path="/tts/ui/", root_path="/tts"))

    assert answer.headers["content-security-policy"] == PAGE_POLICY


def test_cors_is_closed_whatever_a_library_thinks() -> None:
    """gradio lets every origin read the page of a service that has a name; its headers don't get out."""

    async def open_wide(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"Access-Control-Allow-Origin", b"https://evil.example"), (b"X-Frame-Options", b"ALLOWALL")]
        headers += [(b"access-control-allow-credentials", b"true"), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    answer = ask(SecurityHeaders(open_wide), scope_of())

    assert [name for name in answer.headers if name.lower().startswith("access-control")] == []
    assert (answer.headers["content-type"], answer.headers["x-frame-options"]) == ("text/plain", "DENY")
