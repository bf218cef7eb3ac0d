"""The client: what it repeats, what it takes for an answer, and that it says no secret."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator

import httpx2
import pytest
import stamina

from redash.errors import (
    Conflict,
    NotAllowed,
    NotRedash,
    NotThere,
    RedashAway,
    Refused,
    RemoteError,
    WrongKey,
    WrongUse,
)
from redash.remote.client import Client
from tests.redash.fake.server import FakeRedash

KEY = "canary0key0canary0key0canary0key0canary0"
PASSWORD = "canary-password"  # noqa: S105  It is looked for in everything that is said.

Respond = Callable[[httpx2.Request], httpx2.Response]


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """Attempts follow at once."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


def client_of(respond: Respond, say: Callable[[str], None] = lambda line: None) -> Client:
    """A client whose server is a function."""
    return Client("http://redash.test/acme/", KEY, say=say, transport=httpx2.MockTransport(respond))


def answers(*responses: httpx2.Response | Exception) -> tuple[Respond, list[httpx2.Request]]:
    """A server that gives these one after the other, the last one for ever, and what it was asked."""
    asked: list[httpx2.Request] = []

    def respond(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        answer = responses[min(len(asked), len(responses)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)

    return respond, asked


def answer(status: int, body: object = None) -> httpx2.Response:
    """An answer in JSON."""
    content = json.dumps(body).encode()
    return httpx2.Response(status, headers={"content-type": "application/json"}, content=content)


PAGE = httpx2.Response(200, headers={"content-type": "text/html"}, content=b"<html>")


def test_a_request_has_path_key_and_body():
    """Below the address that was given, which may name an organisation."""
    respond, asked = answers(answer(200, {"id": 5}))

    with client_of(respond) as client:
        found = client.post("/api/queries", {"name": "n"})

    [request] = asked
    assert found == {"id": 5}
    assert (request.method, str(request.url)) == ("POST", "http://redash.test/acme/api/queries")
    assert (request.headers["authorization"], json.loads(request.content)) == (f"Key {KEY}", {"name": "n"})
    assert request.extensions["timeout"] == {"connect": 5, "read": 65, "write": 15, "pool": 65}


def test_no_cookie_is_sent_back():
    """With one, Redash would want its token too."""
    first = httpx2.Response(200, headers={"set-cookie": "csrf_token=abc; Path=/"}, json={})
    respond, asked = answers(first)

    with client_of(respond) as client:
        client.get("/api/a")
        client.get("/api/a")

    assert ["cookie" in request.headers for request in asked] == [False, False]


@pytest.mark.parametrize(
    "fault",
    [answer(502), answer(503), answer(504), answer(429), httpx2.ConnectError("no"), httpx2.ReadError("no"),
     httpx2.ReadTimeout("late"), httpx2.RemoteProtocolError("gone")],
)  # fmt: skip
@pytest.mark.parametrize("method", ["get", "delete"])
def test_what_can_be_repeated_is_repeated(fault: httpx2.Response | Exception, method: str):
    """Until an answer comes; each further attempt is said."""
    respond, asked = answers(fault, fault, answer(200, []))
    said: list[str] = []

    with client_of(respond, said.append) as client:
        found = getattr(client, method)("/api/alerts/1")

    assert (found, len(asked)) == ([], 3)
    assert said == [f"http://redash.test/acme did not answer, asking again ({number} of 5)" for number in (2, 3)]


@pytest.mark.parametrize("fault", [answer(502), httpx2.ReadTimeout("late"), httpx2.ReadError("no")])
def test_a_create_that_may_be_done_is_not_repeated(fault: httpx2.Response | Exception):
    """One attempt, and an error that says so."""
    respond, asked = answers(fault)

    with client_of(respond) as client, pytest.raises(RedashAway) as caught:
        client.post("/api/queries", {})

    assert (len(asked), caught.value.undone, caught.value.exit_code) == (1, False, 75)


@pytest.mark.parametrize("fault", [answer(429), httpx2.ConnectError("no"), httpx2.ConnectTimeout("late")])
def test_a_create_that_is_surely_not_done_is_repeated(fault: httpx2.Response | Exception):
    """Nobody took it."""
    respond, asked = answers(fault, answer(200, {}))

    with client_of(respond) as client:
        client.post("/api/queries", {})

    assert len(asked) == 2


def test_a_server_that_stays_away_is_an_error():
    """After all attempts."""
    respond, asked = answers(httpx2.ConnectError("no"))

    with client_of(respond) as client, pytest.raises(RedashAway, match="can't be reached"):
        client.get("/api/session")

    assert len(asked) == 3


@pytest.mark.parametrize(
    ("response", "kind", "words"),
    [
        (answer(400, {"message": "Bad sort"}), Refused, "refused GET /api/x (400): Bad sort"),
        (answer(500, {"message": "Internal Server Error"}), Refused, "refused GET /api/x (500)"),
        (httpx2.Response(500, content=b"<html>"), Refused, "refused GET /api/x (500)"),
        (answer(401, {"job": {"status": 4, "error": "Please select"}}), Refused, "(401): Please select"),
        (answer(403, {}), NotAllowed, "does not allow GET /api/x"),
        (httpx2.Response(403, content=b"<html>"), NotAllowed, "does not allow GET /api/x"),
        (answer(404, {"message": "not found"}), NotThere, "has nothing for GET /api/x: not found"),
        (answer(404, {"message": "Couldn't find resource. Please login and try again."}), WrongKey, "this API key"),
        (answer(400, {"message": "The CSRF token is missing."}), WrongKey, "this API key"),
        (answer(409, {"message": "A conflict"}), Conflict, "changed it meanwhile: GET /api/x: A conflict"),
        (PAGE, NotRedash, "answers no JSON (200)"),
        (httpx2.Response(404, content=b"nginx"), NotRedash, "answers no JSON (404)"),
        (httpx2.Response(302, headers={"location": "https://r.test/login?next=x"}), NotRedash, "to https://r.test/login"),
        (httpx2.Response(200, headers={"content-type": "application/json"}, content=b"{"), NotRedash, "that is none"),
    ],
)  # fmt: skip
def test_each_refusal_is_an_error_of_its_own(response: httpx2.Response, kind: type[RemoteError], words: str):
    """With what was asked, the server's word, and the status."""
    respond, asked = answers(response)

    with client_of(respond) as client, pytest.raises(RemoteError) as caught:
        client.get("/api/x")

    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert (caught.value.status, len(asked), bool(caught.value.hint)) == (response.status_code, 1, True)


def test_no_content_is_none():
    """As after deleting a data source."""
    with client_of(answers(httpx2.Response(204))[0]) as client:
        assert client.delete("/api/data_sources/1") is None


@pytest.mark.parametrize(
    ("response", "listed", "expected"),
    [(answer(200), False, True), (answer(404, {}), True, False), (answer(500, {}), False, False)],
)
def test_a_delete_says_whether_there_was_anything(response: httpx2.Response, listed: bool, expected: bool):
    """500 is asked after: is it still in the list?"""
    with client_of(answers(response)[0]) as client:
        assert client.removed("/api/groups/1", lambda: listed) is expected


def test_a_delete_that_is_refused_is_an_error_if_the_thing_is_still_there():
    """As of a destination that an alert tells."""
    with client_of(answers(answer(500, {}))[0]) as client, pytest.raises(Refused):
        client.removed("/api/destinations/1", lambda: True)


def paged(*pages: tuple[int, list[int]]) -> tuple[Respond, list[httpx2.Request]]:
    """A server whose list has these pages: the count and the ids."""
    return answers(*[answer(200, {"count": count, "results": [{"id": one} for one in ids]}) for count, ids in pages])


def test_a_list_is_read_to_its_end():
    """Oldest first, 250 at a time."""
    respond, asked = paged((251, list(range(250))), (251, [250]))

    with client_of(respond) as client:
        found = client.listed("/api/queries", {"tags": ["voxmeter"]})

    assert [one["id"] for one in found] == list(range(251))
    assert [request.url.query.decode() for request in asked] == [
        f"tags=voxmeter&page={page}&page_size=250&order=created_at" for page in (1, 2)
    ]


def test_a_list_that_moves_is_read_again():
    """One object was deleted between two pages, so another one slipped through."""
    whole = list(range(1, 252))
    respond, asked = paged((252, list(range(250))), (251, [251]), (251, whole[:250]), (251, whole[250:]))

    with client_of(respond) as client:
        found = client.listed("/api/queries")

    assert ([one["id"] for one in found], len(asked)) == (whole, 4)


def test_a_list_that_shrinks_below_the_page_is_read_again():
    """The server says 400 for it, which is no error of ours."""
    full = answer(200, {"count": 251, "results": [{"id": one} for one in range(250)]})
    rest = answer(200, {"count": 1, "results": [{"id": 7}]})
    respond, _ = answers(full, answer(400, {"message": "Page is out of range."}), rest)

    with client_of(respond) as client:
        assert client.listed("/api/queries") == [{"id": 7}]


def test_a_list_that_never_stands_still_is_an_error():
    """Three readings."""
    respond, asked = paged((2, [1]))

    with client_of(respond) as client, pytest.raises(RedashAway, match="changes all the time"):
        client.listed("/api/queries")

    assert len(asked) == 3


def test_several_are_read_at_once_and_come_in_order():
    """Whichever came first."""

    def respond(request: httpx2.Request) -> httpx2.Response:
        return answer(200, {"path": request.url.path})

    with client_of(respond) as client:
        found = client.get_many([f"/api/queries/{number}" for number in range(20)])

    assert [one["path"] for one in found] == [f"/acme/api/queries/{number}" for number in range(20)]


@pytest.mark.parametrize(
    "address", ["", "redash.test", "ftp://redash.test", "http://", "http://u:p@redash.test", "http://r.test/?api_key=k"]
)
def test_an_address_is_checked_before_anything_is_sent(address: str):
    """And never repeated, since it may hold a key."""
    with pytest.raises(WrongUse) as caught:
        Client(address, KEY)

    assert "u:p" not in str(caught.value)
    assert "api_key=k" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "  ", "two words", "line\nline", "schlüssel"])
def test_a_key_that_is_none_is_an_error_without_the_key(key: str):
    """Such a one would end up in the library's error."""
    with pytest.raises(WrongKey) as caught:
        Client("http://redash.test", key)

    assert caught.value.exit_code == 2
    assert not key.strip() or key not in str(caught.value)


def test_a_key_is_taken_without_its_line_end():
    """As a file has it."""
    respond, asked = answers(answer(200, {}))

    with Client("http://redash.test", f"{KEY}\n", transport=httpx2.MockTransport(respond)) as client:
        client.get("/api/session")

    assert asked[0].headers["authorization"] == f"Key {KEY}"


def everything_said(error: BaseException, client: Client, caplog: pytest.LogCaptureFixture) -> str:
    """All that a log, a report or a screen can get of an error."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None:
        chain.append(link)
        link = link.__cause__ or link.__context__
    told = [repr(client), repr(vars(error)), caplog.text, *map(repr, chain), *map(str, chain)]
    return "\n".join([*told, *traceback.format_exception(error)])


@pytest.mark.parametrize(
    "fault",
    [
        httpx2.ConnectError("no"),
        httpx2.ReadTimeout("late"),
        answer(400, {"message": f"key {KEY} is bad, and so is {PASSWORD}"}),
        answer(500, {"message": f"driver: {PASSWORD}"}),
        answer(404, {"message": "Couldn't find resource. Please login and try again."}),
        PAGE,
    ],
)
def test_neither_key_nor_password_is_ever_said(fault: httpx2.Response | Exception, caplog: pytest.LogCaptureFixture):
    """In no message, no representation, no traceback, no log of any level, even if the server repeats them."""
    caplog.set_level(logging.DEBUG)
    body = {"name": "n", "type": "pg", "options": {"password": PASSWORD, "deep": [{"also": PASSWORD}]}}

    with client_of(answers(fault)[0]) as client, pytest.raises(RemoteError) as caught:
        client.post("/api/data_sources/5", body)

    said = everything_said(caught.value, client, caplog)
    assert (KEY in said, PASSWORD in said) == (False, False)


def test_neither_key_nor_password_is_said_over_a_real_connection(caplog: pytest.LogCaptureFixture, capfd):
    """The libraries log headers and bodies of their own accord, if at all."""
    caplog.set_level(logging.DEBUG)
    with FakeRedash() as fake, Client(fake.url, fake.api_key) as client:
        options = {"dbname": "d", "password": PASSWORD}
        client.post("/api/data_sources", {"name": "n", "type": "pg", "options": options})
        with pytest.raises(Refused) as caught:
            client.post("/api/data_sources/1", {"name": "n", "type": "pg", "options": options})
        said = everything_said(caught.value, client, caplog) + "".join(capfd.readouterr())

        assert (fake.api_key in said, PASSWORD in said) == (False, False)
