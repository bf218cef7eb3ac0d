"""A client that sends nothing but bad requests is dropped for a while; others are not."""

from __future__ import annotations

from typing import Any

from tts_app.flood import CLIENTS_REMEMBERED, FloodGuard


def test_more_than_the_limit_in_a_second_is_dropped(clock: Any) -> None:
    """Two are allowed, after the third the client is dropped, until a second has passed."""
    guard = FloodGuard(2, clock)
    seen = []
    for _ in range(3):
        seen.append(guard.drops("a"))
        guard.refused("a")
        clock.now += 0.1

    assert seen == [False, False, False]
    assert [guard.drops("a"), guard.drops("b")] == [True, False]
    assert guard.dropped == 1
    clock.now += 0.8
    assert guard.drops("a") is False


def test_a_slow_stream_of_mistakes_is_heard(clock: Any) -> None:
    """Two a second for ever are all answered."""
    guard = FloodGuard(2, clock)

    for _ in range(50):
        assert guard.drops("a") is False
        guard.refused("a")
        clock.now += 0.5


def test_memory_is_bounded(clock: Any) -> None:
    """Of many clients the one unheard of longest is forgotten first."""
    guard = FloodGuard(1, clock)
    for number in range(CLIENTS_REMEMBERED + 1):
        guard.refused(str(number))
        guard.refused(str(number))

    assert [guard.drops("0"), guard.drops("1")] == [False, True]
