"""The login: a form, a cookie for whoever knows, the same answer for whoever doesn't, and a wait for who guesses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from tests.tts_app.asgi import Answer, ask, scope_of
from tts_app.keys import Access, AccessFile
from tts_app.login import LOGIN, LOGOUT, MAX_FORM_BYTES, Login
from tts_app.ratelimit import RateLimit
from tts_app.routes import route_of
from tts_app.sessions import Sessions

PHRASE = "correct horse & battery"


class Desk:
    """A login with one user."""

    def __init__(self, file: AccessFile, clock: Callable[[], float], attempts: int) -> None:
        self.sessions = Sessions(Access(file, pytest.fail), lambda: 1_000_000.0)
        self.login = Login(self.sessions, RateLimit(attempts, clock))
        self.holder: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self.login.answer(Request(scope, receive), route_of(scope), "client", self.holder)
        await answer(scope, receive, send)

    def ask(self, method: str, path: str, *pieces: bytes, language: str = "en", **scope: Any) -> Answer:
        return ask(self, scope_of(method, path, {"accept-language": language}, **scope), *pieces)

    def sign_in(self, **form: str) -> Answer:
        return self.ask("POST", LOGIN, urlencode(form).encode())


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> AccessFile:
    made = AccessFile(tmp_path_factory.mktemp("access") / "access.json", cost="2$1$1")
    made.add_user("ann", PHRASE)
    return made


@pytest.fixture
def desk(file: AccessFile, clock: Callable[[], float]) -> Desk:
    return Desk(file, clock, 3)


def test_who_knows_the_password_gets_a_cookie(desk: Desk) -> None:
    """For this host alone, out of reach of scripts; only over TLS where the page came by it."""
    plain = desk.sign_in(name="ann", password=PHRASE)
    form = urlencode({"name": "ann", "password": PHRASE}).encode()
    secure = desk.ask("POST", f"/tts{LOGIN}", form, scheme="https", root_path="/tts")

    assert (plain.status, plain.headers["location"]) == (303, "/ui/")
    cookie, _, attributes = plain.headers["set-cookie"].partition("; ")
    name, _, token = cookie.partition("=")
    assert (name, desk.sessions.holder(token)) == (desk.sessions.cookie, "user:ann")
    assert attributes == "HttpOnly; Max-Age=43200; Path=/; SameSite=lax"
    assert secure.headers["location"] == "/tts/ui/"
    assert secure.headers["set-cookie"].endswith("; HttpOnly; Max-Age=43200; Path=/tts; SameSite=lax; Secure")


def test_who_does_not_learns_nothing(desk: Desk) -> None:
    """A wrong password and an unknown name get the same page."""
    wrong, unknown = desk.sign_in(name="ann", password="wrong"), desk.sign_in(name="<b>", password=PHRASE)  # noqa: S106

    assert (wrong.status, unknown.status) == (401, 401)
    assert wrong.body == unknown.body
    assert "set-cookie" not in wrong.headers
    assert b'role="alert"' in wrong.body
    assert b"<b>" not in wrong.body


def test_who_guesses_has_to_wait(desk: Desk, clock: Any) -> None:
    """Three a minute; then even the right one waits, and is told how long."""
    for _ in range(3):
        desk.sign_in(name="ann", password="x")  # noqa: S106

    refused = desk.sign_in(name="ann", password=PHRASE)
    clock.now += 20
    later = desk.sign_in(name="ann", password=PHRASE)

    assert (refused.status, refused.headers["retry-after"], later.status) == (429, "20", 303)
    assert b"Try again in 20 seconds." in refused.body


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff=\xff", b"name=ann", b"&".join(b"a=b" for _ in range(99)), b"x" * (MAX_FORM_BYTES + 1)],
    ids=["empty", "no text", "no password", "many fields", "long"],
)
def test_a_form_that_is_none_is_wrong(desk: Desk, body: bytes) -> None:
    """400 or 401, and nothing of it in the answer."""
    assert desk.ask("POST", LOGIN, body).status in (400, 401)


def test_a_client_that_goes_is_no_error(desk: Desk) -> None:
    """Half a form, then nothing."""

    async def answered() -> int:
        pieces = [{"type": "http.request", "body": b"name=", "more_body": True}, {"type": "http.disconnect"}]

        async def receive() -> Any:
            return pieces.pop(0)

        request = Request(scope_of("POST", LOGIN), receive)
        return (await desk.login.answer(request, LOGIN, "client", None)).status_code

    assert asyncio.run(answered()) == 400


def test_signing_out_takes_the_cookie_away(desk: Desk) -> None:
    """By a button, that is a POST: no link of another site can do it."""
    desk.holder = "user:ann"
    shown, got, out = desk.ask("GET", LOGIN), desk.ask("GET", LOGOUT), desk.ask("POST", LOGOUT)

    assert b'action="/logout"' in shown.body
    assert got.status == 405
    assert (out.status, out.headers["location"]) == (303, "/login")
    assert out.headers["set-cookie"].startswith(f'{desk.sessions.cookie}=""; ')
    assert "Max-Age=0" in out.headers["set-cookie"]


@pytest.mark.parametrize(("language", "word"), [("zh-CN,zh;q=0.9", "登录"), ("de,zh", "Sign in"), ("", "Sign in")])
def test_it_speaks_the_browser_s_language(desk: Desk, language: str, word: str) -> None:
    """Chinese or English; it needs no script and nothing from elsewhere, and isn't stored."""
    shown = desk.ask("GET", LOGIN, language=language)

    assert f"<button>{word}</button>" in shown.body.decode()
    assert b"<script" not in shown.body
    assert b"//" not in shown.body
    assert shown.headers["cache-control"] == "no-store"
