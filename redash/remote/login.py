"""The first way in: e-mail and password, as the login page takes them, for the API key of their user.

No command and no endpoint hands out an API key to somebody who has none, so this goes in by the page that people use.
"""

from __future__ import annotations

import html
import re
from http import HTTPStatus
from typing import Any, Self

import httpx2

from redash.errors import NotRedash, RedashAway, Refused

_TIMEOUT = httpx2.Timeout(15)
_ADDRESS_HINT = "is the address right?"
_KEY_HINT = "give --api-key-file with the key from the user's page in Redash: Settings, Account, API Key"
_LOG_HINT = "the server's log has the reason"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]*)"')


class Entrance:
    """One server, before there is a key. Closed by `with`; `transport` is for tests."""

    def __init__(self, base_url: str, *, transport: httpx2.BaseTransport | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._http = httpx2.Client(timeout=_TIMEOUT, transport=transport, headers={"User-Agent": "tts-redash"})
        self._cookies: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Entrance({self.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._http.close()

    def is_up(self) -> bool:
        """Whether Redash answers; raises NotRedash if something else does."""
        try:
            response = self._http.get(f"{self.base_url}/ping")
        except httpx2.TransportError:
            return False
        if response.is_success and response.text.strip() != "PONG.":
            raise NotRedash(f"what answers at {self.base_url} is no Redash", _ADDRESS_HINT)
        return response.is_success

    def is_set_up(self) -> bool:
        """Whether there is an organization; raises RedashAway where Redash has no tables yet, or no database."""
        return not self._page().is_redirect

    def key_of(self, email: str, password: str) -> str | None:
        """The API key of a user; None if the page does not let them in.

        Raises Refused where nobody comes in by a password, RedashAway after too many tries, NotRedash if what answers is none.
        """
        # Each try begins as a new visitor: somebody who is signed in is led on from the page.
        self._cookies = {}
        page = self._page().text
        if 'name="password"' not in page:
            raise Refused(f"{self.base_url} lets nobody in by a password", _KEY_HINT)
        token = _TOKEN.search(page)
        form = {"email": email, "password": password, "csrf_token": html.unescape(token[1]) if token else ""}
        answer = self._request("POST", "/login", form)
        if answer.is_error:
            raise Refused(f"Redash's login page answers {answer.status_code}", _LOG_HINT, answer.status_code)
        if not answer.is_redirect:
            return None
        try:
            user = self._request("GET", "/api/session").json()["user"]
            return str(self._request("GET", f"/api/users/{user['id']}").json()["api_key"])
        except (ValueError, KeyError, TypeError) as error:
            raise NotRedash(f"{self.base_url} lets in, but answers not as Redash does", _ADDRESS_HINT) from error

    def _page(self) -> httpx2.Response:
        response = self._request("GET", "/login")
        led_on = response.is_redirect and "/setup" in response.headers.get("location", "")
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise RedashAway(
                f"{self.base_url} answers {response.status_code}: it has no tables yet, or can't reach its database",
                f"{_LOG_HINT}; new tables: manage.py database create_tables",
                response.status_code,
            )
        if not led_on and not response.is_success:
            raise NotRedash(f"{self.base_url}/login answers {response.status_code}", _ADDRESS_HINT)
        return response

    def _request(self, method: str, path: str, form: dict[str, Any] | None = None) -> httpx2.Response:
        try:
            response = self._http.request(method, f"{self.base_url}{path}", data=form, headers=self._cookie())
        except httpx2.TransportError as error:
            reason = f"{self.base_url} can't be reached ({type(error).__name__})"
            raise RedashAway(reason, "is it running, and is the address right?") from error
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise RedashAway("Redash has had too many logins from here", "try again in an hour", response.status_code)
        self._cookies.update(response.cookies)
        self._http.cookies.clear()
        return response

    def _cookie(self) -> dict[str, str]:
        """By hand: behind a proxy that ends TLS cookies are for HTTPS alone, and this may stand beside Redash."""
        return (
            {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())} if self._cookies else {}
        )
