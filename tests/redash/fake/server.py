"""A Redash server for tests: real HTTP, and behind it what redash-api.md says, the traps included.

`with FakeRedash() as fake:` gives `fake.url` and `fake.api_key` (an admin's). Sections in the docstrings of this folder are those
of that text. Nothing here is taken from what our own client sends.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.redash.fake import alerts, dashboards, people, queries, results, snippets, sources
from tests.redash.fake.editor import Editor
from tests.redash.fake.entrance import Entrance, Page
from tests.redash.fake.routes import Call, found
from tests.redash.fake.scheduler import tick
from tests.redash.fake.state import BAD_REQUEST, Abort, State

_MODULES = (alerts, dashboards, people, queries, results, snippets, sources)
_PAGE = b"<!DOCTYPE html><html><head><title>Redash</title></head><body></body></html>"
#: Not one of Redash: the command line of the fake comes by it.
MANAGE_PATH = "/manage"
_UNKNOWN_KEY = "Couldn't find resource. Please login and try again."


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    body: Any


class FakeRedash:
    """The server, from `with` to its end; `version` like (26, 3)."""

    def __init__(
        self, version: tuple[int, int] = (26, 3), clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.state = State(clock)
        self.version = self.state.version = version
        self.editor = Editor(self.state)
        self.entrance = Entrance(self.state)
        self.requests: list[Request] = []
        self.enforce_csrf = True
        self._lock = threading.Lock()
        self._deadly: tuple[int, bool] | None = None
        self._dead = False
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = self.state.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def api_key(self) -> str:
        """The key of the admin."""
        return self.key_of("admin@example.com")

    def key_of(self, email: str) -> str:
        """The key of `admin@example.com`, `human@example.com` (an admin too) or `analyst@example.com` (no admin)."""
        return str(next(row["api_key"] for row in self.state.users.values() if row["email"] == email))

    @property
    def writes(self) -> list[Request]:
        """All requests that may change something."""
        return [request for request in self.requests if request.method != "GET"]

    def die_after(self, writes: int, done: bool) -> None:
        """At the n-th write from now the connection drops, with the write `done` or not, and so do all later ones."""
        with self._lock:
            self._deadly = (len(self.writes) + writes, done)

    def revive(self) -> None:
        """Answers again."""
        with self._lock:
            self._deadly, self._dead = None, False

    def tick(self) -> None:
        """The scheduler's look at all queries."""
        with self._lock:
            tick(self.state)

    def answer(
        self, request: Request, query: dict[str, list[str]], key: str, cookie: str = ""
    ) -> tuple[int, Any] | Page | None:
        """Status and JSON, or a page; None: dead, no answer at all."""
        with self._lock:
            if self._dead:
                return None
            self.requests.append(request)
            if self._deadly and len(self.writes) == self._deadly[0]:
                self._dead = True
                if self._deadly[1]:
                    self._answer(request, query, key, cookie)
                return None
            return self._answer(request, query, key, cookie)

    def _answer(self, request: Request, query: dict[str, list[str]], key: str, cookie: str) -> tuple[int, Any] | Page:
        if request.path == "/login":
            return self.entrance.login(request.method, request.body, cookie)
        if request.path == MANAGE_PATH:
            return 200, self.entrance.manage(request.body)
        user = next((row for row in self.state.users.values() if row["api_key"] == key), None)
        user = user or self.entrance.user_of(cookie)
        target = found(request.method, request.path)
        if user is None:
            return self._unknown_key(request, target is not None)
        if target is None:
            return self._unknown_path(request)
        answer, ids = target
        call = Call(self.state, self.version, self.url, user, query, request.body, self.entrance.passwords)
        try:
            return 200, answer(call, *ids)
        except Abort as error:
            return error.status, error.body
        except Exception:  # noqa: BLE001  As in Redash: what it does not expect is an error of the server.
            return 500, {"message": "Internal Server Error"}

    def _unknown_path(self, request: Request) -> tuple[int, Any]:
        """The web interface for a GET; a write looks like one of a browser, which needs a token."""
        if request.method == "GET":
            return 200, _PAGE
        if self.enforce_csrf:
            return 400, {"message": "The CSRF token is missing."}
        return 405, {"message": "The method is not allowed for the requested URL."}

    def _unknown_key(self, request: Request, known_path: bool) -> tuple[int, Any]:
        if request.method != "GET" and self.enforce_csrf:
            return 400, {"message": "The CSRF token is missing."}
        return (404, {"message": _UNKNOWN_KEY}) if known_path else (302, _PAGE)


class _Server(ThreadingHTTPServer):
    fake: FakeRedash
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # Head and body in one packet: apart, the second waits 40 ms for the first one's receipt.
    # Else each answer, whose head and body are two writes, waits 40 ms for the client's delayed ACK.
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_DELETE = do_PUT = do_PATCH = do_GET

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        if parts.path == "/ping":
            self._send(200, "text/html", b"PONG.")
            return
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_form = self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
        try:
            body = dict(parse_qsl(text.decode())) if is_form else json.loads(text) if text else None
            request = Request(self.command, parts.path, body)
        except ValueError:
            self._send(400, "application/json", json.dumps({"message": BAD_REQUEST}).encode())
            return
        key = self.headers.get("Authorization", "").removeprefix("Key ") or query.get("api_key", [""])[0]
        answer = self.server.fake.answer(request, query, key, self.headers.get("Cookie", ""))
        if answer is None:
            self.close_connection = True
            return
        if isinstance(answer, Page):
            self._send(answer.status, "text/html; charset=utf-8", answer.html.encode(), answer)
            return
        status, body = answer
        if status == 204:
            self._send(status, "application/json", b"")
        elif isinstance(body, bytes):
            self._send(status, "text/html; charset=utf-8", body)
        else:
            self._send(status, "application/json", json.dumps(body).encode())

    def _send(self, status: int, kind: str, body: bytes, page: Page | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "csrf_token=anonymous; Path=/")
        if page and page.session:
            self.send_header("Set-Cookie", f"session={page.session}; HttpOnly; Path=/; SameSite=Lax")
        if status == 302:
            self.send_header("Location", page.location if page else "/login")
        self.end_headers()
        self.wfile.write(body)
