"""The page at /login, and what its form does: a cookie for whoever knows a password or a key, slowly for who guesses."""

from __future__ import annotations

import asyncio
import math
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tts_app.ratelimit import RateLimit
from tts_app.routes import PAGE
from tts_app.sessions import LASTS_SECONDS, Sessions

LOGIN, LOGOUT = "/login", "/logout"
MAX_FORM_BYTES = 4096
FORM_SECONDS = 10.0

_TEMPLATE = Template(Path(__file__).with_name("login.html").read_text(encoding="utf-8"))
_WORDS = {
    "en": {
        "title": "Sign in", "name": "Name", "password": "Password or API key", "button": "Sign in",
        "in": "You are signed in.", "page": "Open the page", "out": "Sign out",
        "wrong": "That name and password do not fit.", "wait": "Too many attempts. Try again in $seconds seconds.",
    },
    "zh": {
        "title": "登录", "name": "用户名", "password": "密码或 API 密钥", "button": "登录",
        "in": "您已登录。", "page": "打开页面", "out": "退出登录",
        "wrong": "用户名或密码不正确。", "wait": "尝试次数过多,请在 $seconds 秒后重试。",
    },
}  # fmt: skip


class Login:
    """Answers at LOGIN and LOGOUT.

    Args:
        sessions: makes the cookies.
        attempts: of one client.
    """

    def __init__(self, sessions: Sessions, attempts: RateLimit) -> None:
        self._sessions = sessions
        self._attempts = attempts
        # One after the other: a password takes 16 MiB and a fifth of a second of a core.
        self._turn = asyncio.Lock()

    async def answer(self, request: Request, route: str, client: str, holder: str | None) -> Response:
        """The answer to a request for `route` of `client`, who is signed in as `holder` or not."""
        words = _words(request)
        if request.method == "GET" and route == LOGIN:
            return _page(request, words, signed_in=holder is not None)
        if request.method != "POST":
            return Response(status_code=405, headers={"Allow": "GET, POST" if route == LOGIN else "POST"})
        if route == LOGOUT:
            answer = RedirectResponse(_root(request) + LOGIN, status_code=303)
            answer.delete_cookie(self._sessions.cookie, path=_root(request) or "/")
            return answer
        return await self._sign_in(request, words, client)

    async def _sign_in(self, request: Request, words: dict[str, str], client: str) -> Response:
        wait = self._attempts.take(client)
        if wait:
            seconds = math.ceil(wait)
            message = Template(words["wait"]).substitute(seconds=seconds)
            return _page(request, words, message, status=429, headers={"Retry-After": str(seconds)})
        form = await _form(request)
        if form is None:
            return _page(request, words, words["wrong"], status=400)
        async with self._turn:
            token = await asyncio.to_thread(self._sessions.sign_in, form.get("name", ""), form.get("password", ""))
        if token is None:
            return _page(request, words, words["wrong"], status=401)
        answer = RedirectResponse(f"{_root(request)}{PAGE}/", status_code=303)
        answer.set_cookie(
            self._sessions.cookie,
            token,
            max_age=LASTS_SECONDS,
            path=_root(request) or "/",
            secure=request.scope["scheme"] == "https",
            httponly=True,
            samesite="lax",
        )
        return answer


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a form; None where there is none, or it is too long or too slow."""
    body = bytearray()
    try:
        async with asyncio.timeout(FORM_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > MAX_FORM_BYTES:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    try:
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=8).items()}
    except ValueError:
        return None


def _page(
    request: Request,
    words: dict[str, str],
    message: str = "",
    *,
    signed_in: bool = False,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    root = escape(_root(request))
    if signed_in:
        inside = (
            f'<p>{words["in"]}</p><p><a href="{root}{PAGE}/">{words["page"]}</a></p>'
            f'<form method="post" action="{root}{LOGOUT}"><button>{words["out"]}</button></form>'
        )
    else:
        inside = (
            f'<form method="post" action="{root}{LOGIN}"><label>{words["name"]}'
            '<input name="name" autocomplete="username" autofocus></label>'
            f'<label>{words["password"]}<input name="password" type="password" autocomplete="current-password" required>'
            f"</label><button>{words['button']}</button></form>"
        )
    alert = f'<p role="alert">{escape(message)}</p>' if message else ""
    html = _TEMPLATE.substitute(root=root, language=words["language"], title=words["title"], alert=alert, inside=inside)
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store", **(headers or {})})


def _words(request: Request) -> dict[str, str]:
    """In the language that the browser names first."""
    first = request.headers.get("accept-language", "").strip().lower()
    language = "zh" if first.startswith("zh") else "en"
    return {**_WORDS[language], "language": language}


def _root(request: Request) -> str:
    root: str = request.scope.get("root_path", "")
    return root
