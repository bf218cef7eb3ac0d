"""The queue in front of an engine: bounded, first come first served, and not to be filled by one client alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Generic, TypeVar

from tts_app.errors import RequestFailed

Served = TypeVar("Served")


@dataclass(eq=False, slots=True)
class Ticket(Generic[Served]):
    """A place in the queue; `served` ends with what was waited for, or with the refusal."""

    client: str
    served: asyncio.Future[Served]


class WaitingLine(Generic[Served]):
    """At most `size` may wait.

    While several clients wait none has more than half of the places: its next request is refused, and a place that it took
    while it was alone is given up for another client's.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._share = (size + 1) // 2
        self._tickets: list[Ticket[Served]] = []

    def __len__(self) -> int:
        return len(self._tickets)

    def join(self, client: str) -> Ticket[Served]:
        """A place at the end.

        Raises:
            RequestFailed: QUEUE_FULL, or RATE_LIMITED where the client has more than its share.
        """
        if self._above_share(client):
            raise _too_many()
        if len(self._tickets) >= self._size and not self._displace(client):
            raise RequestFailed("QUEUE_FULL", "Too many requests are waiting; try again shortly.")
        ticket: Ticket[Served] = Ticket(client, asyncio.get_running_loop().create_future())
        self._tickets.append(ticket)
        return ticket

    def leave(self, ticket: Ticket[Served]) -> None:
        """The place is free again; does nothing where it was left before."""
        if ticket in self._tickets:
            self._tickets.remove(ticket)

    def position(self, ticket: Ticket[Served]) -> int | None:
        """1 is next; None once it is no longer waiting."""
        return self._tickets.index(ticket) + 1 if ticket in self._tickets else None

    def serve(self, what: Served) -> bool:
        """Gives `what` to the first in the queue; False where nobody waits."""
        while self._tickets:
            ticket = self._tickets.pop(0)
            if not ticket.served.done():
                ticket.served.set_result(what)
                return True
        return False

    def refuse_all(self, error: RequestFailed) -> None:
        """Nobody needs to wait any longer."""
        for ticket in self._tickets:
            _refuse(ticket, error)
        self._tickets.clear()

    def _above_share(self, client: str) -> bool:
        own = sum(ticket.client == client for ticket in self._tickets)
        return own >= self._share and own < len(self._tickets)

    def _displace(self, client: str) -> bool:
        """Refuses the last request of a client that has more than its share; False where nobody else has."""
        counts = Counter(ticket.client for ticket in self._tickets)
        for ticket in reversed(self._tickets):
            if ticket.client != client and counts[ticket.client] > self._share:
                self._tickets.remove(ticket)
                _refuse(ticket, _too_many())
                return True
        return False


def _too_many() -> RequestFailed:
    return RequestFailed("RATE_LIMITED", "Too many of your requests are waiting; try again shortly.")


def _refuse(ticket: Ticket[Served], error: RequestFailed) -> None:
    if not ticket.served.done():
        ticket.served.set_exception(error)
