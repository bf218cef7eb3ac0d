"""The connections of the server: how many there may be, and how long one may keep the service waiting.

uvicorn waits for ever for the rest of a request's head, and for ever for a client that doesn't take its answer. Here each
phase has its deadline, one address has a share of the connections, and what is no HTTP gets an error in our shape.
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from tts_app.answers import http_error_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Of the connections. `share`: of one address that is no proxy of ours; seconds are deadlines of one phase.

    `linger_seconds`: how long who was sent away may read why.
    """

    connections: int = 1000
    share: int = 500
    head_seconds: float = 10.0
    body_seconds: float = 60.0
    taking_seconds: float = 60.0
    linger_seconds: float = 2.0


class Connections:
    """Counts the connections that are open.

    Args:
        bounds: of them.
        proxy: whether an address is a proxy of ours, all of whose connections are of many clients.
    """

    def __init__(self, bounds: Bounds, proxy: Callable[[str], bool]) -> None:
        self.bounds = bounds
        self.refused = 0
        self._proxy = proxy
        self._open: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Whether one more of `address` may be there; it then has to `leave`."""
        full = self._open.total() >= self.bounds.connections
        if full or (self._open[address] >= self.bounds.share and not self._proxy(address)):
            self.refused += 1
            return False
        self._open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """One of `address` has gone."""
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]


def protocol_of(connections: Connections) -> type[H11Protocol]:
    """The protocol class for uvicorn whose instances count to `connections`."""
    return type("BoundProtocol", (GuardedProtocol,), {"all": connections})


class GuardedProtocol(H11Protocol):
    """uvicorn's HTTP protocol with deadlines."""

    all: ClassVar[Connections]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's does
        """Counts it, or sends it away."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self._counted = self.all.enter(self._address)
        self._phase: object = None
        self._deadline: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None
        if self._counted:
            self._await_client()
        else:
            self._answer(503, "Too many connections; try again in a second.")

    def data_received(self, data: bytes) -> None:
        """Takes what came, unless the connection is on its way out."""
        if self._counted and not self.transport.is_closing():
            super().data_received(data)
        if self._counted:  # no longer, where what came was no HTTP
            self._await_client()

    def send_400_response(self, msg: str) -> None:
        """What came is no HTTP."""
        self._answer(400, "This is no valid HTTP request.")

    def pause_writing(self) -> None:
        """The client takes less than is sent: from now on it has a deadline."""
        super().pause_writing()
        self._taking = self.loop.call_later(self.all.bounds.taking_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It has caught up."""
        super().resume_writing()
        _cancel(self._taking)

    def connection_lost(self, exc: Exception | None) -> None:
        """Counts it out."""
        _cancel(self._deadline)
        _cancel(self._taking)
        if self._counted:
            self.all.leave(self._address)
        super().connection_lost(exc)

    def _await_client(self) -> None:
        """Sets the deadline of the phase that the request is in; more bytes of the same phase don't move it."""
        seconds = {h11.IDLE: self.all.bounds.head_seconds, h11.SEND_BODY: self.all.bounds.body_seconds}
        state = self.conn.their_state
        phase = (state, self.cycle) if state in seconds else None
        if phase == self._phase:
            return
        self._phase = phase
        _cancel(self._deadline)
        if phase is not None:
            self._deadline = self.loop.call_later(seconds[state], self._too_slow)

    def _too_slow(self) -> None:
        if self._request() is None and not self.conn.trailing_data[0]:
            self.transport.close()  # a browser that connected beforehand, and has nothing to ask
            return
        self._answer(408, "The request took too long to arrive.")

    def _request(self) -> RequestResponseCycle | None:
        """The latest one; None before the first, though uvicorn declares it otherwise."""
        return self.cycle

    def _answer(self, status: int, message: str) -> None:
        """An error before any route is asked, and the end of the connection; nothing where an answer is under way."""
        cycle = self._request()
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        body = bytes(http_error_answer(status, message).body)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        with suppress(h11.LocalProtocolError):
            parts = (h11.Response(status_code=status, headers=headers), h11.Data(data=body), h11.EndOfMessage())
            for part in parts:
                self.transport.write(self.conn.send(part) or b"")
        self._linger()

    def _linger(self) -> None:
        """Ends the connection so that the client still reads the answer: bytes left unread would wipe it out."""
        self._counted = self._end_count()
        if self.transport.can_write_eof() and not self.transport.is_closing():
            with suppress(OSError):
                self.transport.write_eof()
        _cancel(self._deadline)
        self._deadline = self.loop.call_later(self.all.bounds.linger_seconds, self.transport.abort)

    def _end_count(self) -> bool:
        if self._counted:
            self.all.leave(self._address)
        return False


def raise_file_limit() -> None:
    """As many open files as this user may have: a connection is one, and the usual 1024 are fewer than it seems."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
