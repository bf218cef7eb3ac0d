"""A client may ask so often a minute; who asks more is told how long to wait, and that is true."""

from __future__ import annotations

from typing import Any

import pytest

from tts_app.ratelimit import CLIENTS_REMEMBERED, RateLimit, TooOften


def test_a_minute_s_requests_at_once_then_one_by_one(clock: Any) -> None:
    """Six at once; the seventh waits ten seconds, and is heard after them; another client isn't held back."""
    limit = RateLimit(6, clock)

    assert [limit.take("a") for _ in range(7)] == [0.0] * 6 + [10.0]
    assert limit.take("b") == 0.0
    clock.now += 9.99
    assert limit.take("a") == pytest.approx(0.01)
    clock.now += 0.01
    assert [limit.take("a"), limit.take("a")] == [0.0, pytest.approx(10.0)]


def test_what_is_told_is_enough_to_wait(clock: Any) -> None:
    """Whole seconds, rounded up: after them the request is heard."""
    limit = RateLimit(7, clock)
    for _ in range(7):
        limit.check("a")
    with pytest.raises(TooOften) as refused:
        limit.check("a")

    assert (refused.value.code, refused.value.wait_seconds) == ("RATE_LIMITED", 9)
    assert str(refused.value) == "More than 7 requests a minute; try again in 9 s."
    clock.now += refused.value.wait_seconds
    limit.check("a")


def test_a_long_pause_earns_no_more_than_a_minute_s_requests(clock: Any) -> None:
    """An hour of silence, then the same six."""
    limit = RateLimit(6, clock)
    limit.take("a")
    clock.now += 3600

    assert [limit.take("a") for _ in range(7)] == [0.0] * 6 + [10.0]


def test_without_a_limit_nobody_waits_and_nothing_is_kept(clock: Any) -> None:
    """As it is by default."""
    limit = RateLimit(None, clock)

    assert {limit.take("a") for _ in range(1000)} == {0.0}


def test_memory_is_bounded(clock: Any) -> None:
    """Of many clients the one unheard of longest is forgotten first."""
    limit = RateLimit(1, clock)
    for number in range(CLIENTS_REMEMBERED + 1):
        limit.take(str(number))

    assert [limit.take("1") > 0, limit.take("0")] == [True, 0.0]
