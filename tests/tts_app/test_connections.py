"""Connections of a real server: each phase ends, each address has its share, and what is no HTTP gets a clear answer."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from tests.tts_app.conftest import wait_for
from tts_app.connections import Bounds, Connections, protocol_of

LONG = 600.0
HALF_BODY = b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"
WHOLE = b"GET /short HTTP/1.1\r\nHost: x\r\n\r\n"
MUCH = 64 * 1024 * 1024


class Behind:
    """An application: reads what it is asked to, answers briefly or with more than any buffer takes."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        message = await receive()
        while message.get("more_body"):
            message = await receive()
        body = b"x" * (MUCH if scope["path"] == "/much" else 2)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for start in range(0, len(body), 2**20):
            more = start + 2**20 < len(body)
            await send({"type": "http.response.body", "body": body[start : start + 2**20], "more_body": more})
        self.ended.append(message["type"])


class Running:
    """A server in a thread."""

    def __init__(self, connections: Connections) -> None:
        self.behind = Behind()
        self.connections = connections
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        config = uvicorn.Config(
            self.behind, http=protocol_of(connections), ws="none", log_level="critical", lifespan="off", proxy_headers=False
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]})
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()

    @contextmanager
    def connected(self, *pieces: bytes) -> Iterator[socket.socket]:
        with socket.create_connection(self.address, timeout=LONG) as client:
            for piece in pieces:
                client.sendall(piece)
            yield client


def answer(client: socket.socket) -> tuple[int, str]:
    """Status and error code, read until the server ends the connection."""
    with client.makefile("rb") as stream:
        head, _, body = stream.read().partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["error"]["code"]


@pytest.fixture
def running() -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(**bounds: Any) -> Running:
        proxy = bounds.pop("proxy", lambda _: False)
        patient = {"head_seconds": LONG, "body_seconds": LONG, "taking_seconds": LONG, "linger_seconds": LONG}
        started.append(Running(Connections(Bounds(**patient | bounds), proxy)))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.mark.parametrize("head", [b"G", b"GET / HTTP/1.1\r\nHost: x\r\nX-A", b""])
def test_half_a_head_is_waited_for_only_so_long(running: Callable[..., Running], head: bytes) -> None:
    """408 in our shape, nothing for who never began; then the connection ends."""
    server = running(head_seconds=0.2)

    with server.connected(head) as client:
        if head:
            assert answer(client) == (408, "REQUEST_TIMEOUT")
        else:
            assert client.recv(1) == b""
    assert server.behind.ended == []


def test_more_bytes_of_the_same_head_win_no_time(running: Callable[..., Running]) -> None:
    """A client that sends a byte now and then is cut off like a silent one."""
    server = running(head_seconds=0.2)

    with server.connected(b"GET / HTTP/1.1\r\nHost: x\r\n") as client:
        client.settimeout(0.02)
        while True:
            try:
                client.sendall(b"X-A: b\r\n")
                seen = client.recv(1)
                break
            except TimeoutError:
                continue
        client.settimeout(LONG)
        assert seen + client.recv(11) == b"HTTP/1.1 408"


def test_half_a_body_is_waited_for_only_so_long(running: Callable[..., Running]) -> None:
    """The application learns that the client is gone."""
    server = running(body_seconds=0.2)

    with server.connected(HALF_BODY) as client:
        assert answer(client) == (408, "REQUEST_TIMEOUT")
    assert wait_for(lambda: server.behind.ended) == ["http.disconnect"]


def test_an_answer_that_nobody_takes_is_ended(running: Callable[..., Running]) -> None:
    """A client that stops reading doesn't hold the application for ever."""
    server = running(taking_seconds=0.2)

    with server.connected(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n"):
        wait_for(lambda: server.behind.ended)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"HELLO\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nBad Name: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 2**20 + b"\r\n\r\n",
    ],
    ids=["tls", "hello", "no host", "name", "nul", "length", "two lengths", "coding", "long"],
)
def test_what_is_no_http_gets_a_clear_answer(running: Callable[..., Running], nonsense: bytes) -> None:
    """400 in our shape; the next request is served."""
    server = running()

    with server.connected(nonsense) as client:
        assert answer(client) == (400, "BAD_REQUEST")
    with server.connected(WHOLE) as client:
        assert client.recv(12) == b"HTTP/1.1 200"


def test_who_was_sent_away_and_stays_is_cut_off(running: Callable[..., Running]) -> None:
    """The answer was sent; whoever goes on sending is heard no more."""
    server = running(linger_seconds=0.2)

    def send_for_ever(client: socket.socket) -> None:
        while True:
            client.sendall(b"x")

    with server.connected(b"HELLO\r\n\r\n") as client, pytest.raises(ConnectionError):
        send_for_ever(client)


def test_a_body_that_breaks_ends_the_request(running: Callable[..., Running]) -> None:
    """A chunk without a length, in the middle: 400, and the application learns that the client is gone."""
    server = running()
    chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n"

    with server.connected(chunked) as client:
        assert answer(client) == (400, "BAD_REQUEST")
    assert wait_for(lambda: server.behind.ended) == ["http.disconnect"]


@pytest.mark.parametrize("bounds", [{"connections": 3, "share": 99}, {"connections": 99, "share": 3}])
def test_one_more_than_there_may_be_is_sent_away(running: Callable[..., Running], bounds: dict[str, int]) -> None:
    """503 in our shape, though nothing was asked; once one has gone there is room."""
    server = running(**bounds)
    with ExitStack() as held:
        first, *_ = [held.enter_context(server.connected(HALF_BODY)) for _ in range(3)]
        with server.connected(WHOLE) as refused:
            assert answer(refused) == (503, "SERVICE_UNAVAILABLE")
        assert server.connections.refused == 1
        first.close()
        wait_for(lambda: server.behind.ended)
        with server.connected(WHOLE) as client:
            assert client.recv(12) == b"HTTP/1.1 200"


def test_a_proxy_has_no_share(running: Callable[..., Running]) -> None:
    """All clients come by its address."""
    server = running(connections=99, share=1, proxy=lambda address: address == "127.0.0.1")

    with server.connected(HALF_BODY), server.connected(WHOLE) as client:
        assert client.recv(12) == b"HTTP/1.1 200"


def test_a_connection_may_ask_again(running: Callable[..., Running]) -> None:
    """Two requests, one after the other and at once, with the deadlines of each their own."""
    server = running()

    with server.connected(WHOLE + WHOLE) as client, client.makefile("rb") as stream:
        seen = b""
        while seen.count(b"HTTP/1.1 200") < 2:
            seen += stream.readline()
        client.sendall(WHOLE)
        while seen.count(b"HTTP/1.1 200") < 3:
            seen += stream.readline()
