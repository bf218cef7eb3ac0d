"""Applies that are killed at any write, and what the next ones make of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redash.errors import RedashAway
from tests.redash.sync.conftest import World
from tests.redash.sync.shapes import shape


def killed(world: World, write: int, done: bool) -> bool:
    """One apply that loses its server at a write, and whether it did."""
    world.fake.die_after(write, done)
    try:
        with suppress(RedashAway):
            world.apply()
            return False
        return True
    finally:
        world.fake.revive()


def test_an_apply_that_dies_at_each_write_in_turn_makes_no_object_twice(make_world: Callable[[], World]):
    """One write further each time, its answer lost; in the end all is as an undisturbed apply makes it."""
    calm, hunted = make_world(), make_world()
    calm.apply()
    lives = 0
    while lives < 50 and killed(hunted, 1, done=True):
        lives += 1

    assert lives >= 15
    assert shape(hunted) == shape(calm)
    assert hunted.steps() == []


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kills=st.lists(st.tuples(st.integers(1, 26), st.booleans()), min_size=1, max_size=3))
def test_whatever_dies_converges(make_world: Callable[[], World], kills: list[tuple[int, bool]]):
    """Kills at any write, done or not: the next apply that lives ends where an undisturbed one does."""
    calm, hunted = make_world(), make_world()
    calm.apply()
    for write, done in kills:
        killed(hunted, write, done)
    outcome = hunted.apply()

    assert (outcome.left, outcome.troubles) == ({}, [])
    assert shape(hunted) == shape(calm)
    assert hunted.steps() == []
