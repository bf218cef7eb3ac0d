"""How often a client may ask: a bucket of a minute's requests that fills up again as time passes."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable

from tts_app.errors import RequestFailed

MINUTE_SECONDS = 60.0
CLIENTS_REMEMBERED = 10_000


class TooOften(RequestFailed):
    """A client asks more often than it may; `wait_seconds`, whole ones, until the next request is heard."""

    def __init__(self, per_minute: int | None, wait_seconds: float) -> None:
        self.wait_seconds = math.ceil(wait_seconds)
        message = f"More than {per_minute} requests a minute; try again in {self.wait_seconds} s."
        super().__init__("RATE_LIMITED", message)


class RateLimit:
    """At most `per_minute` requests of a client at once, and as many a minute after that.

    Args:
        per_minute: of one client; None: as many as it likes.
        clock: monotonic seconds.
    """

    def __init__(self, per_minute: int | None, clock: Callable[[], float]) -> None:
        self.per_minute = per_minute
        self._clock = clock
        # For each client: how many requests are left, and when that was so. A client not in it has a full bucket.
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> float:
        """Counts one request of `client`. Returns 0, or for how many seconds it has to wait: it counts as not made."""
        if self.per_minute is None:
            return 0.0
        now = self._clock()
        left, since = self._left.get(client, (float(self.per_minute), now))
        a_second = self.per_minute / MINUTE_SECONDS
        left = min(float(self.per_minute), left + (now - since) * a_second)
        allowed = left >= 1.0
        self._left[client] = (left - allowed, now)
        self._left.move_to_end(client)
        if len(self._left) > CLIENTS_REMEMBERED:
            self._left.popitem(last=False)
        return 0.0 if allowed else (1.0 - left) / a_second

    def check(self, client: str) -> None:
        """Counts one request of `client`.

        Raises:
            TooOften: it has to wait.
        """
        if wait := self.take(client):
            raise TooOften(self.per_minute, wait)
