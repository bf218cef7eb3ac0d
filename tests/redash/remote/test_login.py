"""Signing in as a person does, for the API key."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest

from redash.errors import NotRedash, RedashAway, RedashError, Refused
from redash.remote.login import Entrance
from tests.redash.fake.server import FakeRedash

FORM = '<input type="hidden" name="csrf_token" value="t&amp;k"/><input type="password" name="password">'


def door(respond: Callable[[httpx2.Request], httpx2.Response]) -> Entrance:
    """An entrance whose server is a function."""
    return Entrance("http://redash.test/acme/", transport=httpx2.MockTransport(respond))


def broken(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("refused", request=request)


def test_a_password_gives_the_key_of_its_user_and_a_wrong_one_none() -> None:
    """Each try stands for itself: after one that was let in another one is asked again."""
    with FakeRedash() as fake:
        fake.entrance.passwords = {"admin@example.com": "right", "human@example.com": "other"}
        with Entrance(fake.url) as entrance:
            found = [
                entrance.key_of("admin@example.com", "wrong"),
                entrance.key_of("admin@example.com", "right"),
                entrance.key_of("human@example.com", "right"),
                entrance.key_of("human@example.com", "other"),
                entrance.key_of("nobody@example.com", "right"),
            ]
            up, set_up = entrance.is_up(), entrance.is_set_up()
            fake.entrance.fresh()
            afterwards = entrance.is_set_up()

    assert found == [None, "a" * 40, None, "h" * 40, None]
    assert (up, set_up, afterwards) == (True, True, False)


def test_cookies_for_https_alone_are_sent_beside_redash_too() -> None:
    """Behind a proxy that ends TLS Redash marks them secure, and this may talk to it without the proxy."""
    asked: list[httpx2.Request] = []

    def respond(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        if request.url.path == "/acme/login" and request.method == "GET":
            return httpx2.Response(200, headers={"set-cookie": "session=s1; Secure; HttpOnly"}, text=FORM)
        if request.url.path == "/acme/login":
            return httpx2.Response(302, headers={"location": "/acme/", "set-cookie": "session=s2; Secure"})
        if request.url.path == "/acme/api/session":
            return httpx2.Response(200, json={"user": {"id": 7}})
        return httpx2.Response(200, json={"api_key": "k7"})

    assert door(respond).key_of("a@example.com", "p w") == "k7"
    assert [request.headers.get("cookie") for request in asked] == [None, "session=s1", "session=s2", "session=s2"]
    assert asked[1].content == b"email=a%40example.com&password=p+w&csrf_token=t%26k"
    assert asked[3].url.path == "/acme/api/users/7"


@pytest.mark.parametrize(
    ("respond", "kind", "word"),
    [
        (broken, RedashAway, "can't be reached"),
        (lambda request: httpx2.Response(500), RedashAway, "has no tables yet"),
        (lambda request: httpx2.Response(404), NotRedash, "/login answers 404"),
        (lambda request: httpx2.Response(302, headers={"location": "https://x"}), NotRedash, "/login answers 302"),
        (lambda request: httpx2.Response(429), RedashAway, "too many logins"),
        (lambda request: httpx2.Response(200, text="<a>SAML</a>"), Refused, "lets nobody in by a password"),
        (
            lambda request: httpx2.Response(200 if request.method == "GET" else 400, text=FORM),
            Refused,
            "login page answers 400",
        ),
        (
            lambda request: (
                httpx2.Response(302, headers={"location": "/"})
                if request.method == "POST"
                else httpx2.Response(200, text=FORM)
            ),
            NotRedash,
            "answers not as Redash does",
        ),
    ],
)
def test_a_server_that_says_no_is_an_error_with_a_hint(
    respond: Callable[[httpx2.Request], httpx2.Response], kind: type[RedashError], word: str
) -> None:
    """The password is in none."""
    with pytest.raises(kind, match=word) as raised:
        door(respond).key_of("a@example.com", "canary-password")

    assert raised.value.hint
    assert "canary" not in f"{raised.value} {raised.value.hint} {raised.value!r}"


def test_what_answers_is_redash_or_not() -> None:
    """Nothing, an error and a start are not yet; another page is never."""
    assert not door(broken).is_up()
    assert not door(lambda request: httpx2.Response(502)).is_up()
    assert door(lambda request: httpx2.Response(200, text="PONG.")).is_up()
    with pytest.raises(NotRedash, match="is no Redash"):
        door(lambda request: httpx2.Response(200, text="<html>")).is_up()
