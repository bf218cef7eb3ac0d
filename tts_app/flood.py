"""Keeps one client's stream of bad requests from filling the log: above a rate they are dropped without a line."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW_SECONDS = 1.0
CLIENTS_REMEMBERED = 1000


class FloodGuard:
    """Counts refused requests per client over the last second.

    Args:
        limit: refusals in a second, above which a client is dropped.
        clock: monotonic seconds.
    """

    def __init__(self, limit: int, clock: Callable[[], float]) -> None:
        self.dropped = 0
        self._limit = limit
        self._clock = clock
        self._refusals: OrderedDict[str, deque[float]] = OrderedDict()

    def refused(self, client: str) -> None:
        """A request of `client` was refused by its own fault just now."""
        times = self._refusals.setdefault(client, deque(maxlen=self._limit + 1))
        times.append(self._clock())
        self._refusals.move_to_end(client)
        if len(self._refusals) > CLIENTS_REMEMBERED:
            self._refusals.popitem(last=False)

    def drops(self, client: str) -> bool:
        """Whether the next request of `client` is dropped; counts it if so."""
        times = self._refusals.get(client) or deque()
        flooding = len(times) > self._limit and self._clock() - times[0] < WINDOW_SECONDS
        self.dropped += flooding
        return flooding
