"""ASGI middleware at the door: who comes, whether they may, and how often.

Whoever is refused a request that speaks gets an answer and one log line; neither says more than the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tts_app.answers import error_answer
from tts_app.delivery import Delivery, caller_of, source_of
from tts_app.errors import RequestFailed
from tts_app.flood import FloodGuard
from tts_app.keys import Access
from tts_app.login import LOGIN, LOGOUT, Login
from tts_app.proxy import address_of
from tts_app.ratelimit import RateLimit, TooOften
from tts_app.requestlog import RequestLog
from tts_app.routes import PAGE, route_of, under_page
from tts_app.sessions import Sessions

HEALTH = ("/healthz", "/readyz")
# Audio has names that nobody guesses, and players can't send a key.
OPEN = (LOGIN, LOGOUT, "/favicon.ico", *HEALTH)
OPEN_BELOW = "/audio/"
PAGES = ("/", "/docs")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
MAX_NAME_CHARS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the door goes by.

    `client_from`: `key`, `forwarded` or `header`; `client_header`: the header's name in lower case, for `header`.
    `any_host`: answer whatever name the client gave the service. `limits` is of speaking requests.
    """

    access: Access
    sessions: Sessions
    login: Login
    limits: RateLimit
    flood: FloodGuard
    requests: RequestLog
    client_from: str = "key"
    client_header: str | None = None
    any_host: bool = False


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sends a request: `holder` (`key:NAME`, `user:NAME` or None), and `client`, whose limits it counts to."""

    holder: str | None
    client: str


class Door:
    """Lets in who may, and writes into the scope's state whose limits a request counts to and whom its line names."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what is no HTTP passes by."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        visitor = self._visitor(scope, headers)
        signed_in = visitor.holder is not None and "authorization" not in headers
        scope.setdefault("state", {}).update(client=visitor.client, named=self._named(visitor), signed_in=signed_in)
        error = self._refusal(scope, headers, visitor)
        if error is not None:
            await self._refuse(error, scope, receive, send)
            return
        await self._let_in(scope, receive, send, visitor)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send, visitor: Visitor) -> None:
        route = route_of(scope)
        if route in (LOGIN, LOGOUT) and not self._rules.access.locked:
            await RedirectResponse(f"{scope.get('root_path', '')}{PAGE}/", status_code=303)(scope, receive, send)
        elif route in (LOGIN, LOGOUT):
            request = Request(scope, receive)
            answer = await self._rules.login.answer(request, route, visitor.client, visitor.holder)
            await answer(scope, receive, send)
        elif route in HEALTH and self._rules.access.locked and visitor.holder is None:
            await self._app(scope, receive, _briefly(send))
        else:
            await self._app(scope, receive, send)

    def _visitor(self, scope: Scope, headers: Headers) -> Visitor:
        holder = self._holder(headers)
        address = scope["client"][0] if scope.get("client") else ""
        named = None
        if self._rules.client_from == "key":
            named = holder
        elif self._rules.client_from == "header" and self._rules.client_header is not None:
            value = headers.get(self._rules.client_header, "")[:MAX_NAME_CHARS]
            named = f"header:{value}" if value else None
        return Visitor(holder, named or address or "")

    def _holder(self, headers: Headers) -> str | None:
        if not self._rules.access.locked:
            return None
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            name = self._rules.access.key_name(key.strip())
            return f"key:{name}" if name is not None else None
        token = cookie_parser(headers.get("cookie", "")).get(self._rules.sessions.cookie)
        return self._rules.sessions.holder(token) if token else None

    def _named(self, visitor: Visitor) -> str | None:
        """Whom the line counts; None leaves it to the line, which takes a key that nobody has checked too."""
        return visitor.client if self._rules.access.locked or self._rules.client_from != "key" else None

    def _refusal(self, scope: Scope, headers: Headers, visitor: Visitor) -> RequestFailed | None:
        route = route_of(scope)
        if not self._rules.access.locked and not self._rules.any_host and not _own_name(headers.get("host", "")):
            return RequestFailed("UNAUTHORIZED", "This service answers to its address and to localhost only.")
        if scope["method"] not in SAFE_METHODS and _from_elsewhere(headers):
            return RequestFailed("UNAUTHORIZED", "Requests from pages of other sites are refused.")
        if self._rules.access.locked and visitor.holder is None and not _is_open(route):
            return RequestFailed("UNAUTHORIZED", "A valid API key is needed: Authorization: Bearer KEY.")
        return self._too_often(visitor) if source_of(scope) is not None else None

    def _too_often(self, visitor: Visitor) -> RequestFailed | None:
        wait = self._rules.limits.take(visitor.client)
        return TooOften(self._rules.limits.per_minute, wait) if wait else None

    async def _refuse(self, error: RequestFailed, scope: Scope, receive: Receive, send: Send) -> None:
        source = source_of(scope)
        if source is None:
            to_login = self._rules.access.locked and _opens_page(scope)
            answer = _login_page(scope) if to_login else _answer("openai", error)
            await answer(scope, receive, send)
            return
        client: str = scope["state"]["client"]
        if self._rules.flood.drops(client):
            await _answer(source, error)(scope, receive, send)
            return
        delivery = Delivery(self._rules.requests.open(caller_of(source, scope)), send)
        delivery.line.fail(error)
        try:
            await delivery.answer(_answer(source, error), scope, receive)
        finally:
            delivery.line.close()
            self._rules.flood.refused(client)


def _answer(source: str, error: RequestFailed) -> JSONResponse:
    answer = error_answer(source, error)
    if isinstance(error, TooOften):
        answer.headers["Retry-After"] = str(error.wait_seconds)
    if error.code == "UNAUTHORIZED":
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _login_page(scope: Scope) -> Response:
    return RedirectResponse(f"{scope.get('root_path', '')}{LOGIN}", status_code=303)


def _opens_page(scope: Scope) -> bool:
    """Whether somebody opens a page of ours in a browser."""
    route = route_of(scope)
    accepts = Headers(scope=scope).get("accept", "")
    return scope["method"] in ("GET", "HEAD") and "text/html" in accepts and (route in PAGES or under_page(route))


def _briefly(send: Send) -> Send:
    """Of the health only whether it is well: the rest is for those who have a key."""

    async def brief(message: Message) -> None:
        if message["type"] == "http.response.start":
            well = message["status"] < HTTPStatus.BAD_REQUEST
            body = b'{"status":"ok"}' if well else b'{"status":"unavailable"}'
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            await send({**message, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return brief


def _is_open(route: str) -> bool:
    return route in OPEN or route.startswith(OPEN_BELOW)


def _own_name(host: str) -> bool:
    """Whether a service without a lock may answer to `host`: a page elsewhere can point its own name at this machine."""
    name = _split(f"//{host}").hostname
    return not host or name == "localhost" or address_of(name or "") is not None


def _from_elsewhere(headers: Headers) -> bool:
    """Whether a browser says that a page of another site sends this."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and _split(origin).netloc != headers.get("host")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
