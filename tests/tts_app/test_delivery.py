"""The way of one request through the middleware: exactly one line, whatever the client, the body or the route does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from tts_app.delivery import PIECE_BYTES, Bodies, OneLineEach
from tts_app.errors import RequestFailed
from tts_app.flood import FloodGuard
from tts_app.requestlog import RequestLog

BODIES = Bodies(json_bytes=100, form_bytes=200)
Route = Callable[[Scope, Receive, Send], Awaitable[None]]


class Client:
    """A client's side of ASGI: sends `body`, takes what comes, and may leave after `leaves_after` pieces of the answer.

    `leaves_after=-1` leaves while the body is read.
    """

    def __init__(self, body: bytes = b"{}", leaves_after: int | None = None) -> None:
        self.body = body
        self.leaves_after = leaves_after
        self.sent: list[Message] = []
        self.gone = asyncio.Event()
        self._asked = 0

    async def receive(self) -> Message:
        self._asked += 1
        if self.leaves_after == -1:
            return {"type": "http.disconnect"}
        if self._asked == 1:
            return {"type": "http.request", "body": self.body, "more_body": False}
        if self.leaves_after == 0:
            return {"type": "http.disconnect"}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        pieces = len(self.sent) - 1
        if pieces == self.leaves_after:
            self.gone.set()

    @property
    def status(self) -> int | None:
        return self.sent[0]["status"] if self.sent else None

    def header(self, name: bytes) -> bytes:
        return bytes(dict(self.sent[0]["headers"])[name])

    def answer(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])


def post(requests: RequestLog, route: Route, client: Client, path: str = "/v1/audio/speech", **scope: Any) -> None:
    """One request through the middleware."""
    flood = scope.pop("flood", None) or FloodGuard(10, requests.clock)
    full: Scope = {"type": "http", "method": "POST", "path": path, "headers": [], "client": ("10.0.0.1", 5)} | scope
    middleware = OneLineEach(route, requests, flood, BODIES)
    asyncio.run(asyncio.wait_for(middleware(full, client.receive, client.send), 10))


def answering(response: Response) -> Route:
    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        scope["state"]["line"].audio_follows()
        await response(scope, receive, send)

    return route


async def hanging(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.Event().wait()


def test_an_answer_carries_the_id_and_ends_the_line(requests: RequestLog, lines: Any, clock: Any) -> None:
    """The client's X-Request-Id comes back; the line has the status that was sent."""
    client = Client()

    post(requests, answering(Response(b"sound")), client, headers=[(b"x-request-id", b"my-id")])

    [line] = lines.all()
    assert (client.status, client.answer(), client.header(b"x-request-id")) == (200, b"sound", b"my-id")
    assert (line["request_id"], line["status"], line["http_status"], line["source"]) == ("my-id", "ok", 200, "openai")
    assert line["first_audio_seconds"] == line["total_seconds"] == 0.0


def test_a_long_answer_goes_out_in_pieces(requests: RequestLog) -> None:
    """Nothing is lost between them, and only the last one says that it is the last."""
    client, sound = Client(), bytes(range(256)) * 1000

    post(requests, answering(Response(sound)), client)

    assert client.answer() == sound
    assert [message["more_body"] for message in client.sent[1:]] == [True] * (len(sound) // PIECE_BYTES) + [False]


@pytest.mark.parametrize(("path", "method"), [("/healthz", "GET"), ("/v1/audio/speech", "GET"), ("/ui/", "POST")])
def test_other_requests_pass_by(requests: RequestLog, lines: Any, path: str, method: str) -> None:
    """No line, no id, for what doesn't speak."""
    client = Client()

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(b"x")(scope, receive, send)

    post(requests, route, client, path, method=method)

    assert client.status == 200
    assert lines.all() == []


@pytest.mark.parametrize(
    ("client", "route"),
    [
        (Client(leaves_after=-1), answering(Response(b"sound"))),
        (Client(leaves_after=0), hanging),
        (Client(leaves_after=2), answering(Response(bytes(5 * PIECE_BYTES)))),
    ],
    ids=["while the body is read", "while it waits", "while it is answered"],
)
def test_a_client_that_leaves_cancels(requests: RequestLog, lines: Any, client: Client, route: Route) -> None:
    """One line, cancelled, 499, wherever it happened."""
    post(requests, route, client)

    [line] = lines.all()
    assert (line["status"], line["fault"], line["error_code"], line["http_status"]) == (
        "cancelled",
        "cancelled",
        "CANCELLED",
        499,
    )
    assert requests.in_flight == 0


def test_a_client_that_leaves_after_the_last_byte_is_served(requests: RequestLog, lines: Any) -> None:
    """Going away is what clients do when they have got everything."""
    post(requests, answering(Response(b"sound")), Client(leaves_after=1))

    [line] = lines.all()
    assert line["status"] == "ok"


def test_a_client_that_is_gone_as_the_last_byte_is_taken_cancels(requests: RequestLog, lines: Any) -> None:
    """A broken connection wakes the one who waits for it and the one who waits to write, in this order."""

    class Breaking(Client):
        async def send(self, message: Message) -> None:
            self.sent.append(message)
            if message["type"] == "http.response.body":
                writable = asyncio.Event()
                asyncio.get_running_loop().call_soon(self.gone.set)
                asyncio.get_running_loop().call_soon(writable.set)
                await writable.wait()

    post(requests, answering(Response(b"sound")), Breaking())

    [line] = lines.all()
    assert line["error_code"] == "CANCELLED"


def test_what_a_route_does_after_its_answer_is_not_cut_off(requests: RequestLog, lines: Any) -> None:
    """The client has everything and leaves, the route tidies up: a success, and the tidying is done."""
    tidied = []

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(b"sound")(scope, receive, send)
        for _ in range(5):
            await asyncio.sleep(0)
        tidied.append(True)

    post(requests, route, Client(leaves_after=1))

    [line] = lines.all()
    assert (line["status"], tidied) == ("ok", [True])


def test_a_body_above_the_limit_is_refused(requests: RequestLog, lines: Any) -> None:
    """413, before the route sees it."""
    client = Client(body=b"x" * 101)

    post(requests, hanging, client)

    [line] = lines.all()
    assert client.status == 413
    assert json.loads(client.answer())["error"]["code"] == "TEXT_TOO_LONG"
    assert (line["error_code"], line["http_status"]) == ("TEXT_TOO_LONG", 413)


def test_a_form_may_be_longer_than_json(requests: RequestLog, lines: Any) -> None:
    """It has audio in it; above its own limit the audio is too long, and what comes after is read and forgotten."""
    form = [(b"content-type", b"multipart/form-data; boundary=x")]
    clients = [Client(body=b"x" * size) for size in (101, 201)]

    for client in clients:
        post(requests, answering(Response(b"sound")), client, headers=form)

    assert [client.status for client in clients] == [200, 422]
    assert lines.all()[1]["error_code"] == "REF_AUDIO_INVALID"


@pytest.mark.parametrize("path", ["/v1/audio/speech", "/generate"])
def test_what_no_route_foresaw_is_internal(requests: RequestLog, lines: Any, path: str) -> None:
    """A bug in a route: 500 in the words of the route, a line with the class, and not a word of the message."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError("the user's text")

    client = Client()
    post(requests, broken, client, path)

    [line] = lines.all()
    assert client.status == 500
    assert "Something went wrong" in client.answer().decode()
    assert (line["error_code"], line["error_type"], line["fault"]) == ("INTERNAL", "ZeroDivisionError", "service")
    assert "user's" not in client.answer().decode() + lines.path.read_text()


def test_a_failure_after_the_start_of_an_answer_sends_no_second_one(requests: RequestLog, lines: Any) -> None:
    """What has begun can't be taken back; the line tells."""

    async def breaks_off(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    client = Client()
    post(requests, breaks_off, client)

    [line] = lines.all()
    assert [message["type"] for message in client.sent] == ["http.response.start"]
    assert line["error_code"] == "INTERNAL"


def test_a_service_that_ends_leaves_a_line(requests: RequestLog, lines: Any) -> None:
    """Cancelled by the server itself: the line is written, the cancellation goes on."""

    async def ended() -> None:
        scope: Scope = {"type": "http", "method": "POST", "path": "/generate", "headers": [], "client": None}
        task = asyncio.ensure_future(
            OneLineEach(hanging, requests, FloodGuard(10, requests.clock), BODIES)(
                scope, Client().receive, Client().send
            )
        )
        while requests.in_flight == 0:
            await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(ended())

    [line] = lines.all()
    assert line["error_code"] == "CANCELLED"


def test_a_key_goes_before_an_address(requests: RequestLog, lines: Any) -> None:
    """Two clients behind one address with keys of their own are two; neither key is in the log."""
    for key in (b"Bearer one", b"Bearer two", b""):
        post(requests, answering(JSONResponse({})), Client(), headers=[(b"authorization", key)])

    assert len({line["client_hash"] for line in lines.all()}) == 3
    assert "Bearer" not in lines.path.read_text()


def test_a_refusal_of_the_route_is_its_line(requests: RequestLog, lines: Any) -> None:
    """A failure that reaches the middleware is answered as such."""

    async def full(scope: Scope, receive: Receive, send: Send) -> None:
        raise RequestFailed("QUEUE_FULL", "Too many.")

    client = Client()
    post(requests, full, client)

    [line] = lines.all()
    assert (client.status, client.header(b"retry-after")) == (503, b"1")
    assert (line["status"], line["error_code"]) == ("rejected", "QUEUE_FULL")


def test_a_flood_of_bad_requests_is_dropped_without_a_line(requests: RequestLog, lines: Any) -> None:
    """Two mistakes a second are answered and logged; after the third the client gets 429 and no line."""
    flood, clients = FloodGuard(2, requests.clock), [Client(body=b"x" * 101) for _ in range(5)]

    for client in clients:
        post(requests, hanging, client, flood=flood)

    assert [client.status for client in clients] == [413, 413, 413, 429, 429]
    assert len(lines.all()) == 3
    assert flood.dropped == 2
