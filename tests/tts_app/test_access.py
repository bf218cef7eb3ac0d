"""The door: who gets in, whom a request counts to, and that who is refused gets an answer and one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tts_app.asgi import Answer, Inside, ask, scope_of
from tts_app.access import Door, Rules
from tts_app.flood import FloodGuard
from tts_app.keys import Access, AccessFile
from tts_app.login import Login
from tts_app.ratelimit import RateLimit
from tts_app.requestlog import RequestLog
from tts_app.routes import signed_in
from tts_app.sessions import Sessions

SPEECH, PRESS = "/v1/audio/speech", "/ui/speak"


class House:
    """A door with its file, and what is behind it."""

    def __init__(self, folder: Path, requests: RequestLog, **rules: Any) -> None:
        self.file = AccessFile(folder / "access.json", cost="2$1$1")
        self.inside = Inside()
        access = Access(self.file, pytest.fail)
        self.sessions = Sessions(access, lambda: 1_000_000.0)
        clock = requests.clock
        fixed: dict[str, Any] = {"limits": RateLimit(None, clock), "flood": FloodGuard(10, clock)} | rules
        login = Login(self.sessions, RateLimit(10, clock))
        self.door = Door(
            self.inside, Rules(access=access, sessions=self.sessions, login=login, requests=requests, **fixed)
        )

    def ask(self, method: str = "GET", path: str = "/", *, key: str | None = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with_key = {"authorization": f"Bearer {key}"} if key is not None else {}
        return ask(self.door, scope_of(method, path, named | with_key))

    def state(self) -> dict[str, Any]:
        """What the latest request that got in knows of itself."""
        state = self.inside.scopes[-1]["state"]
        return {"client": state["client"], "named": state["named"]}


@pytest.fixture
def house(tmp_path: Path, requests: RequestLog) -> Callable[..., House]:
    return lambda **rules: House(tmp_path, requests, **rules)


def test_without_a_lock_everybody_on_this_machine_gets_in(house: Callable[..., House], lines: Any) -> None:
    """Counted by address for limits; the line is left to count by whatever key the client sends."""
    open_house = house()

    assert open_house.ask("POST", SPEECH, key="sk-whatever").status == 200
    assert open_house.state() == {"client": "192.0.2.7", "named": None}
    assert lines.all() == []


@pytest.mark.parametrize("given", [None, "", "vox_wrong", "Bearer", "vox_wrong, vox_other"])
def test_with_a_lock_a_request_that_speaks_needs_a_key(house: Callable[..., House], lines: Any, given: str) -> None:
    """401 in the shape of its route, how to do better in a header, one line; no key in it."""
    locked = house()
    locked.file.add_key("newsroom")

    answer = locked.ask("POST", SPEECH, key=given, x_request_id="mine")
    older = locked.ask("POST", "/generate", key=given)

    assert answer.error() == (401, "UNAUTHORIZED")
    assert (answer.headers["www-authenticate"], answer.headers["x-request-id"]) == ("Bearer", "mine")
    assert (older.status, type(json.loads(older.body)["error"])) == (401, str)
    assert locked.inside.scopes == []
    written = lines.all()
    assert [(line["source"], line["status"], line["error_code"], line["http_status"]) for line in written] == [
        ("openai", "rejected", "UNAUTHORIZED", 401),
        ("api", "rejected", "UNAUTHORIZED", 401),
    ]
    assert "vox_" not in lines.path.read_text()


def test_a_key_gets_in_by_its_name(house: Callable[..., House]) -> None:
    """The name is the client: a new key of the same name is the same client."""
    locked = house()
    for _ in range(2):
        key = locked.file.add_key("newsroom")
        assert locked.ask("POST", SPEECH, key=key).status == 200
        assert locked.ask("GET", "/v1/models", authorization=f"bearer  {key}").status == 200
        assert locked.state() == {"client": "key:newsroom", "named": "key:newsroom"}
        locked.file.revoke_key("newsroom")
        assert locked.ask("POST", SPEECH, key=key).status == 401


def test_a_wrong_key_is_not_made_good_by_a_cookie(house: Callable[..., House]) -> None:
    """Who sends a key means it."""
    locked = house()
    key = locked.file.add_key("newsroom")
    cookie = f"{locked.sessions.cookie}={locked.sessions.sign_in('', key)}"

    assert locked.ask("POST", SPEECH, cookie=cookie).status == 200
    assert locked.state()["client"] == "key:newsroom"
    assert signed_in(locked.inside.scopes[-1])
    assert locked.ask("POST", SPEECH, key=key).status == 200
    assert not signed_in(locked.inside.scopes[-1])
    assert locked.ask("POST", SPEECH, cookie=cookie, key="vox_wrong").status == 401
    assert locked.ask("POST", SPEECH, cookie=f"{locked.sessions.cookie}=x.y; a; =").status == 401


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/ui/", "text/html", 303),
        ("/docs", "text/html,*/*", 303),
        ("/", "text/html", 303),
        ("/ui/", "*/*", 401),
        ("/ui/recent", "*/*", 401),
        ("/ui/assets/index.js", "*/*", 401),
        ("/v1/models", "*/*", 401),
        ("/openapi.json", "*/*", 401),
        ("/login", "*/*", 200),
        ("/audio/0123.wav", "*/*", 200),
        ("/favicon.ico", "*/*", 200),
        ("/ui/../v1/models", "*/*", 401),
        ("//audio/x", "*/*", 401),
    ],
)
def test_what_a_stranger_may_see(house: Callable[..., House], path: str, accept: str, status: int) -> None:
    """A browser is led to the login; programs are told; links to audio and the health are open."""
    locked = house()
    locked.file.add_user("ann", "correct horse battery")

    answer = locked.ask("GET", path, accept=accept)

    assert answer.status == status
    assert answer.headers.get("location") == ("/login" if status == 303 else None)


@pytest.mark.parametrize(("inside", "said"), [(200, {"status": "ok"}), (503, {"status": "unavailable"})])
def test_a_stranger_learns_of_the_health_only_whether_it_is_well(
    house: Callable[..., House], inside: int, said: dict[str, str]
) -> None:
    """The figures are for those with a key."""
    locked = house()
    key = locked.file.add_key("newsroom")
    locked.inside.status = inside

    brief, whole = locked.ask("GET", "/healthz"), locked.ask("GET", "/healthz", key=key)

    assert (brief.status, json.loads(brief.body), brief.headers["content-length"]) == (
        inside,
        said,
        str(len(brief.body)),
    )
    assert (whole.status, whole.body) == (inside, b"inside")


def test_a_press_of_the_page_that_is_refused_has_a_line(house: Callable[..., House], lines: Any) -> None:
    """A session that ended, and a client that floods; the flood gets none."""
    locked = house(flood=FloodGuard(1, lambda: 1.0))
    key = locked.file.add_key("newsroom")

    answers = [locked.ask("POST", PRESS).error() for _ in range(4)]

    assert answers == [(401, "UNAUTHORIZED")] * 4
    assert [(line["source"], line["error_code"]) for line in lines.all()] == [("webui", "UNAUTHORIZED")] * 2
    assert locked.ask("POST", PRESS, key=key).status == 200


def test_who_asks_too_often_is_told_when_to_come_again(house: Callable[..., House], lines: Any, clock: Any) -> None:
    """Two a minute: the third gets 429, a true Retry-After and a line; other requests don't count."""
    counted = house(limits=RateLimit(2, clock))

    for _ in range(5):
        assert counted.ask("GET", "/v1/models").status == 200
    answers = [counted.ask("POST", SPEECH) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[2].error() == (429, "RATE_LIMITED")
    assert answers[2].headers["retry-after"] == "30"
    assert [(line["error_code"], line["fault"]) for line in lines.all()] == [("RATE_LIMITED", "client")]


@pytest.mark.parametrize(
    ("rules", "headers", "client"),
    [
        ({}, {"x_user": "ann"}, "192.0.2.7"),
        ({"client_from": "forwarded"}, {"x_user": "ann"}, "192.0.2.7"),
        ({"client_from": "header", "client_header": "x-user"}, {"x_user": "ann"}, "header:ann"),
        ({"client_from": "header", "client_header": "x-user"}, {"x_user": "a" * 999}, f"header:{'a' * 256}"),
        ({"client_from": "header", "client_header": "x-user"}, {}, "192.0.2.7"),
    ],
)
def test_whom_a_request_counts_to(
    house: Callable[..., House], rules: dict[str, str], headers: dict[str, str], client: str
) -> None:
    """A key's name, an address, or what the proxy says; no header by itself."""
    seen = house(**rules)
    seen.ask("POST", SPEECH, **headers)

    assert seen.state() == {"client": client, "named": client if rules else None}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec_fetch_site": "same-origin", "origin": "https://other.example"}, 200),
        ({"sec_fetch_site": "none"}, 200),
        ({"sec_fetch_site": "cross-site"}, 401),
        ({"sec_fetch_site": "same-site"}, 401),
        ({"origin": "http://127.0.0.1:7860", "host": "127.0.0.1:7860"}, 200),
        ({"origin": "http://127.0.0.1:9999", "host": "127.0.0.1:7860"}, 401),
        ({"origin": "http://evil.example", "host": "127.0.0.1:7860"}, 401),
        ({"origin": "null", "host": "127.0.0.1:7860"}, 401),
        ({"origin": "http://[", "host": "127.0.0.1:7860"}, 401),
        ({}, 200),
    ],
)
def test_a_page_of_another_site_can_not_make_it_speak(
    house: Callable[..., House], headers: dict[str, str], status: int
) -> None:
    """Browsers say where a request comes from; programs say nothing."""
    assert house().ask("POST", SPEECH, **headers).status == status
    assert house().ask("GET", "/v1/models", **headers).status == 200


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1:7860", True),
        ("localhost", True),
        ("[::1]:7860", True),
        ("192.168.1.5", True),
        ("evil.example", False),
        ("evil.example:7860", False),
        ("127.0.0.1.evil.example", False),
        ("127.0.0.1@evil.example", False),
        ("[", False),
    ],
)
def test_a_name_that_somebody_points_at_this_machine_is_not_answered(
    house: Callable[..., House], host: str, own: bool
) -> None:
    """A page can give its own name this machine's address; a lock or --insecure makes the check needless."""
    assert house().ask("GET", "/v1/models", host=host).status == (200 if own else 401)
    assert house(any_host=True).ask("GET", "/v1/models", host=host).status == 200
    locked = house()
    assert locked.ask("GET", "/v1/models", host=host, key=locked.file.add_key("newsroom")).status == 200


def test_without_a_lock_the_login_leads_to_the_page(house: Callable[..., House]) -> None:
    """There is nothing to sign in to."""
    answer = house().ask("GET", "/login")

    assert (answer.status, answer.headers["location"]) == (303, "/ui/")
