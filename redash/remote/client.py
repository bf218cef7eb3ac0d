"""One connection to a Redash server: JSON in, JSON out, and each way it says no as an error of ours.

Redash answers 404 for a wrong key, 200 and HTML for a path that it does not know, and it creates again whatever is sent
again; so an answer counts only if it is JSON, and only what can be repeated is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, Self

import httpx2
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

PAGE_SIZE = 250
"""The most that a server gives at once."""

# A data source's test may hang until the server's own limit of 60 seconds.
_TIMEOUT = httpx2.Timeout(connect=5, read=65, write=15, pool=65)
_AWAY = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
_AT_ONCE = 4
_READS_OF_A_MOVING_LIST = 3

# Its default hook prints to stdout where structlog is installed, in the middle of what --json prints.
stamina.instrumentation.set_on_retry_hooks(())

Query = Mapping[str, str | int | Sequence[str]]
Json = dict[str, Any]


class _Key(httpx2.Auth):
    """The API key, in the header alone: an address is logged by every proxy on the way."""

    def __init__(self, key: str) -> None:
        self._header = f"Key {key}"

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["Authorization"] = self._header
        # With a session's cookie Redash would ask for its CSRF token too.
        request.headers.pop("Cookie", None)
        yield request


class Client:
    """Asks one Redash server with one API key; usable by several threads, closed by `with`.

    `say` gets one line whenever a request is tried again.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        attempts: int = 5,
        say: Callable[[str], None] = lambda line: None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Raises WrongUse for an address that can't be one, WrongKey for a key that can't be one; sends nothing."""
        self.base_url = _checked_url(base_url)
        key = api_key.strip()
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise WrongKey("the API key is empty or holds characters that no key has", _KEY_HINT)
        self._key = key
        self._attempts = attempts
        self._say = say
        # To read all certificates of the world takes as long as a plan's requests: not where none is asked for.
        encrypted = self.base_url.startswith("https:")
        self._http = httpx2.Client(
            auth=_Key(key), timeout=_TIMEOUT, transport=transport, headers=_HEADERS, verify=encrypted
        )

    def __repr__(self) -> str:
        return f"Client({self.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def get(self, path: str, query: Query | None = None) -> Any:
        """The JSON at a path like `/api/queries/5`; tried again while the server is away."""
        return self._asked("GET", path, query=query)

    def post(self, path: str, body: Any) -> Any:
        """Sends JSON and returns the answer; a server that may have done it is not asked again."""
        return self._asked("POST", path, body=body)

    def delete(self, path: str, body: Any = None) -> Any:
        """Deletes; tried again while the server is away, so an error may mean that it is gone by now."""
        return self._asked("DELETE", path, body=body)

    def removed(self, path: str, still_there: Callable[[], bool]) -> bool:
        """Deletes; False if it was gone already, which many paths answer with 500 and only a list can tell."""
        try:
            self.delete(path)
        except NotThere:
            return False
        except Refused:
            if still_there():
                raise
            return False
        return True

    def get_many(self, paths: Sequence[str]) -> list[Any]:
        """What `get` says of each path, in their order, a few at a time."""
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            return list(threads.map(self.get, paths))

    def listed(self, path: str, query: Query | None = None) -> list[Json]:
        """All results of a list that comes in pages, the oldest first, each object once.

        A list that changes while it is read is read again; raises RedashAway if it does not stop changing.
        """
        for _ in range(_READS_OF_A_MOVING_LIST):
            found, count = self._once_through(path, query or {})
            if len(found) == count:
                return list(found.values())
        raise RedashAway(f"the list {path} of {self.base_url} changes all the time", "try again in a minute")

    def _once_through(self, path: str, query: Query) -> tuple[dict[int, Json], int]:
        """The results by id, and how many the server says there are (-1: that changed from page to page)."""
        found: dict[int, Json] = {}
        page, counts = 1, set()
        while True:
            try:
                answer = self.get(path, {**query, "page": page, "page_size": PAGE_SIZE, "order": "created_at"})
            except (NotThere, Refused):
                if page == 1:
                    raise
                return found, -1
            found.update((result["id"], result) for result in answer["results"])
            counts.add(int(answer["count"]))
            if page * PAGE_SIZE >= answer["count"]:
                return found, counts.pop() if len(counts) == 1 else -1
            page += 1

    def _asked(self, method: str, path: str, *, query: Query | None = None, body: Any = None) -> Any:
        def again(error: Exception) -> bool:
            return isinstance(error, RedashAway) and (error.undone or method != "POST")

        for attempt in stamina.retry_context(
            on=again, attempts=self._attempts, timeout=60, wait_initial=0.2, wait_max=5, wait_jitter=0.3
        ):
            with attempt:
                if attempt.num > 1:
                    self._say(f"{self.base_url} did not answer, asking again ({attempt.num} of {self._attempts})")
                return self._answer(method, path, query, body)
        raise AssertionError("stamina raises the last error")

    def _answer(self, method: str, path: str, query: Query | None, body: Any) -> Any:
        try:
            response = self._http.request(method, self.base_url + path, params=query, json=body)
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise self._away(error, method, path) from error
        if response.status_code == HTTPStatus.NO_CONTENT:
            return None
        is_json = response.headers.get("content-type", "").startswith("application/json")
        if response.is_success and is_json:
            return _parsed(response, f"{self.base_url}{path}")
        raise self._failure(response, is_json, method, path, body)

    def _away(self, error: Exception, method: str, path: str) -> RedashAway:
        undone = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)
        reason = "does not answer" if isinstance(error, httpx2.TimeoutException) else "can't be reached"
        if method == "POST" and not undone:
            hint = "it may be done or not: the next plan says"
        else:
            hint = "is it running, and is the address right?"
        return RedashAway(f"{self.base_url} {reason} ({method} {path}: {type(error).__name__})", hint, undone=undone)

    def _failure(self, response: httpx2.Response, is_json: bool, method: str, path: str, body: Any) -> RemoteError:
        """The error of ours that an answer stands for."""
        status, asked = response.status_code, f"{method} {path}"
        if status in _AWAY:
            return RedashAway(f"{self.base_url} answers {status} to {asked}", "try again in a minute", status)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return RedashAway(f"{self.base_url} has had too many requests", "try again later", status, undone=True)
        if response.is_redirect:
            there = response.headers.get("location", "").partition("?")[0]
            return NotRedash(
                f"{self.base_url} sends {asked} on to {there}", "give the address that it leads to", status
            )
        if not is_json and status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.FORBIDDEN:
            return NotRedash(f"{self.base_url}{path} answers no JSON ({status})", _ADDRESS_HINT, status)
        word = _harmless(_message(response) if is_json else "", self._key, path, body)
        if "login and try again" in word or "CSRF token" in word:
            return WrongKey(f"{self.base_url} does not know this API key", _KEY_HINT, status)
        return _refusal(status, asked, word)


_HEADERS = {"Accept": "application/json", "User-Agent": "tts-redash"}
_KEY_HINT = "the key is on the user's page in Redash: Settings, Account, API Key"
_ADDRESS_HINT = "give Redash's own address, with the organisation where there are several: https://host/acme"


def _checked_url(text: str) -> str:
    try:
        url = httpx2.URL(text.strip())
    except httpx2.InvalidURL as error:
        raise WrongUse("the address of Redash is none", "for example http://localhost:5000") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise WrongUse(
            "the address of Redash needs http:// or https:// and a host", "for example http://localhost:5000"
        )
    if url.userinfo or url.query or url.fragment:
        raise WrongUse(
            "the address of Redash holds more than host, port and path", "the API key is given apart from it"
        )
    return str(url).rstrip("/")


def _parsed(response: httpx2.Response, address: str) -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise NotRedash(f"{address} answers JSON that is none", _ADDRESS_HINT, response.status_code) from error


def _message(response: httpx2.Response) -> str:
    """The server's own word: `message`, or the error of a job that failed at once."""
    try:
        answer = response.json()
    except ValueError:
        return ""
    if not isinstance(answer, dict):
        return ""
    job = answer.get("job")
    word = answer.get("message") or (job.get("error") if isinstance(job, dict) else None)
    return str(word)[:300] if word else ""


def _harmless(word: str, key: str, path: str, body: Any) -> str:
    """The server's word, but nothing where it repeats the key or any option of what holds passwords."""
    holds_passwords = path.startswith(("/api/data_sources", "/api/destinations")) and isinstance(body, dict)
    secrets = [key, *(_texts(body.get("options")) if holds_passwords else ())]
    return "" if any(secret in word for secret in secrets) else word


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _refusal(status: int, asked: str, word: str) -> RemoteError:
    said = f": {word}" if word else ""
    if status == HTTPStatus.FORBIDDEN:
        return NotAllowed(f"Redash does not allow {asked}{said}", "use the key of an admin or of the owner", status)
    if status == HTTPStatus.NOT_FOUND:
        return NotThere(f"Redash has nothing for {asked}{said}", "was it deleted meanwhile?", status)
    if status == HTTPStatus.CONFLICT:
        return Conflict(f"somebody changed it meanwhile: {asked}{said}", "make a new plan", status)
    return Refused(f"Redash refused {asked} ({status}){said}", "the server's log has the reason", status)
