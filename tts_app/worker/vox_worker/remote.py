"""A conversation with another speech server over HTTP, by the standard library: one request, sound back in pieces."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from .adapter import SynthesisFailed, Unavailable
from .names import FAILURES

MAX_JSON_BYTES = 1024 * 1024
PIECE_BYTES = 8 * 1024

# What a status says of the request, where the answer's body doesn't say it in our own words.
STATUSES = {
    400: "INVALID_PARAM",
    404: "ENGINE_UNAVAILABLE",
    413: "TEXT_TOO_LONG",
    422: "INVALID_PARAM",
    500: "ENGINE_CRASH",
    504: "SYNTH_TIMEOUT",
}


class Remote:
    """A server at `url`.

    Args:
        url: where requests go; http or https.
        key: sent as a bearer token.
        connect_seconds, read_seconds: how long to wait for a connection, and for each piece of an answer.
        ca_file: certificates to trust besides, or None for the system's.
    """

    def __init__(
        self, url: str, *, key: str | None, connect_seconds: float, read_seconds: float, ca_file: str | None = None
    ) -> None:
        self._url = _checked(url)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._tls = ssl.create_default_context(cafile=ca_file) if self._url.scheme == "https" else None

    @property
    def path(self) -> str:
        """The path of the URL."""
        return self._url.path or "/"

    def reach(self) -> None:
        """Connects and goes again.

        Raises:
            SynthesisFailed: ENGINE_UNAVAILABLE where nobody answers.
        """
        self._connection().close()

    @contextmanager
    def ask(self, method: str, target: str, body: dict[str, Any] | None = None) -> Iterator[http.client.HTTPResponse]:
        """The answer to a request, its body not yet read; a path or a URL of the same server.

        Raises:
            SynthesisFailed: with what the server's failure means for the request.
        """
        connection = self._connection()
        try:
            data = None if body is None else json.dumps(body).encode()
            headers = self._headers if data is None else {**self._headers, "Content-Type": "application/json"}
            connection.request(method, self._target(target), body=data, headers=headers)
            # Where the server ends the connection, only the answer still holds it.
            with connection.getresponse() as answer:
                if answer.status != 200:
                    raise SynthesisFailed(_code(answer))
                yield answer
        except TimeoutError as exc:
            raise SynthesisFailed("SYNTH_TIMEOUT") from exc
        except (http.client.HTTPException, OSError) as exc:
            raise SynthesisFailed("ENGINE_CRASH") from exc
        finally:
            connection.close()

    def json(self, method: str, target: str) -> Any:
        """The JSON of an answer.

        Raises:
            SynthesisFailed: as `ask`; BAD_OUTPUT where it is no JSON.
        """
        with self.ask(method, target) as answer:
            return json_of(answer)

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        connection = (
            http.client.HTTPSConnection(host, port, timeout=self._connect_seconds, context=self._tls)
            if self._tls is not None
            else http.client.HTTPConnection(host, port, timeout=self._connect_seconds)
        )
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as exc:
            connection.close()
            raise SynthesisFailed("ENGINE_UNAVAILABLE", "load") from exc
        sock: socket.socket = connection.sock
        sock.settimeout(self._read_seconds)
        return connection

    def _target(self, target: str) -> str:
        """The path and query of `target`, which may be a URL, but of this server only: the key goes to no other."""
        parts = urlsplit(target)
        if parts.netloc and (parts.scheme, parts.netloc) != (self._url.scheme, self._url.netloc):
            raise SynthesisFailed("BAD_OUTPUT")
        path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
        return f"{path}?{parts.query}" if parts.query else path


def pieces(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """The body as it comes."""
    while piece := answer.read1(PIECE_BYTES):
        yield piece
    if answer.length:
        # A connection that is cut looks like the end otherwise.
        raise http.client.IncompleteRead(b"", answer.length)


def json_of(answer: http.client.HTTPResponse) -> Any:
    """The body as JSON; raises SynthesisFailed BAD_OUTPUT where it is none or too long."""
    data = answer.read(MAX_JSON_BYTES + 1)
    try:
        return json.loads(data[:MAX_JSON_BYTES])
    except ValueError as exc:
        raise SynthesisFailed("BAD_OUTPUT") from exc


def secret(source: str | None) -> str | None:
    """The key that `env:NAME` or `file:PATH` holds; never the key itself, which would stand in a configuration file.

    Raises:
        Unavailable: another form, or nothing there.
    """
    if source is None:
        return None
    kind, _, name = source.partition(":")
    if kind == "env" and name:
        key = os.environ.get(name, "")
    elif kind == "file" and name:
        path = Path(name).expanduser()
        key = path.read_text().strip() if path.is_file() else ""
    else:
        raise Unavailable("option key can't be used", "env:NAME or file:PATH")
    if not key or not key.isascii() or not key.isprintable():
        raise Unavailable(f"{kind}:{name} holds no key", "a line of printable ASCII characters")
    return key


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and parts.username is None
    except ValueError:
        usable = False
    if not usable:
        raise Unavailable(
            "option url can't be used", "http://HOST:PORT/v1/audio/speech or the like, without a user in it"
        )
    return urlsplit(url)


def _code(answer: http.client.HTTPResponse) -> str:
    """Our code for a failure: another service of this kind says it itself."""
    try:
        told = json.loads(answer.read(MAX_JSON_BYTES))
        for found in (told.get("error"), told.get("error_info"), told.get("detail")):
            if isinstance(found, dict) and found.get("code") in FAILURES:
                return str(found["code"])
    except (ValueError, AttributeError, OSError, http.client.HTTPException):
        pass
    if answer.status in STATUSES:
        return STATUSES[answer.status]
    # A wrong key of ours is no fault of the client, and neither is a redirect.
    return "INVALID_PARAM" if 405 < answer.status < 429 and answer.status != 407 else "ENGINE_UNAVAILABLE"
