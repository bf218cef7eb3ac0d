"""Serves the page on this machine, made anew for each request; plotly.js is sent once and kept by the browser."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from redash.config import Settings
from redash.data.answers import answers
from redash.data.database import reading
from redash.errors import ParameterError, RedashError, WrongUse
from redash.preview.filters import given_of, shared_parameters
from redash.preview.page import Frame, plotly_script, render_page, render_trouble
from redash.specs.spec import NamedDashboard, Pack
from redash.specs.texts import DEFAULT_LANG, Lang

_SCRIPT = "/plotly.min.js"
_LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}
_RETRY_SECONDS = 5
_REFRESH_SECONDS = (10, 60, 300)
_PORTS_TRIED = 50


@dataclass(frozen=True, slots=True)
class Site:
    """What is served; `clock` gives the present moment in UTC."""

    settings: Settings
    pack: Pack
    banner: str
    clock: Callable[[], datetime]
    lang: Lang = DEFAULT_LANG


class PreviewServer(ThreadingHTTPServer):
    """A listening server; ends its requests' threads with the program."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], site: Site) -> None:
        self.site = site
        self.script = plotly_script().encode()
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away before its answer is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """The address to open."""
        host = str(self.server_address[0])
        return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{self.server_port}"  # noqa: S104


def listen(site: Site, host: str, port: int, only_this_port: bool) -> PreviewServer:
    """A server on the port, or on the next free one; raises WrongUse if there is none."""
    for candidate in range(port, port + (1 if only_this_port else _PORTS_TRIED)):
        try:
            return PreviewServer((host, candidate), site)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise WrongUse(
                    f"can't listen on {host}:{candidate}: {error.strerror}", "give another --host"
                ) from error
    hint = "give another --port, or none to take the next free one" if only_this_port else "give a --port"
    raise WrongUse(f"port {port} on {host} is taken", hint)


class Handler(BaseHTTPRequestHandler):
    """GET / is the page, GET /plotly.min.js the script; nothing else is here."""

    server: PreviewServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if not self._is_asked_by_name():
            self._send(HTTPStatus.FORBIDDEN, "text/plain", b"this page answers to its own name only\n")
        elif url.path == _SCRIPT:
            self._send(HTTPStatus.OK, "text/javascript", self.server.script, "max-age=86400")
        elif url.path == "/healthz":
            self._send(HTTPStatus.OK, "text/plain", b"ok\n")
        elif url.path == "/":
            status, page = page_of(self.server.site, dict(parse_qsl(url.query)))
            self._send(status, "text/html", page.encode())
        else:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"not here\n")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: a request is no event."""

    def _is_asked_by_name(self) -> bool:
        """A page of another site, whose name was bent to this machine, must not read the figures."""
        bound = str(self.server.server_address[0])
        asked = self.headers.get("Host", "").rsplit(":", 1)[0]
        return bound in ("0.0.0.0", "::") or asked in {bound, *_LOCAL_NAMES}  # noqa: S104

    def _send(self, status: HTTPStatus, kind: str, content: bytes, cache: str = "no-store") -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", cache)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(content)


def page_of(site: Site, sent: dict[str, str]) -> tuple[HTTPStatus, str]:
    """The page for what a form sent, or a page that says why there is none."""
    boards = site.pack.dashboards
    board = boards.get(sent.get("dashboard", "")) or next(iter(boards.values()))
    refresh = next((seconds for seconds in _REFRESH_SECONDS if sent.get("refresh") == str(seconds)), 0)
    links = tuple((slug, str(named.dashboard.title)) for slug, named in boards.items()) if len(boards) > 1 else ()
    frame = Frame(site.banner, site.lang, _SCRIPT, refresh, "", links)
    try:
        return HTTPStatus.OK, _page(site, board, frame, sent)
    except RedashError as error:
        again = Frame(site.banner, site.lang, _SCRIPT, _RETRY_SECONDS)
        return HTTPStatus.SERVICE_UNAVAILABLE, render_trouble(str(error), error.hint, again)


def _page(site: Site, board: NamedDashboard, frame: Frame, sent: dict[str, str]) -> str:
    given = given_of(sent, shared_parameters(site.pack, board.dashboard))
    now = site.clock()
    with reading(site.settings.database_url, site.settings.timeout_seconds) as opened:
        try:
            return render_page(answers(opened, site.pack, given, now), [board], frame, now)
        except ParameterError as error:
            told = replace(frame, problem=f"{error}. {error.hint}".strip())
            return render_page(answers(opened, site.pack, {}, now), [board], told, now)
