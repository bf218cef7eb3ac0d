"""Only one apply at a time on a server."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from redash.errors import RedashAway
from redash.remote.client import Client
from redash.sync.lock import only_one
from tests.redash.sync.conftest import World

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def hold(world: World, host: str, pid: int, until: datetime) -> None:
    """Leaves the snippet of another apply on the server."""
    said = json.dumps({"host": host, "pid": pid, "until": until.isoformat()})
    state = world.fake.state
    state.add(state.snippets, trigger="voxmeter-apply-default", description="", snippet=said, user_id=1)


def taken(world: World) -> bool:
    """Whether the lock can be had, and is given back."""
    with Client(world.fake.url, world.api_key, attempts=1) as client, only_one(client, "default", lambda: NOON):
        assert len(world.fake.state.snippets) == 1
    return not world.fake.state.snippets


def test_a_lock_is_held_and_given_back(world: World):
    """Nothing stays on the server."""
    assert taken(world)


def test_a_second_apply_is_told_to_come_again(world: World):
    """Exit code 75, and who holds it."""
    with Client(world.fake.url, world.api_key, attempts=1) as client, only_one(client, "default"):
        with pytest.raises(RedashAway, match=f"another apply is running: process .* on {platform.node()}"):
            taken(world)
        with only_one(client, "other"):
            pass


@pytest.mark.parametrize(
    ("host", "pid", "minutes"),
    [("elsewhere", 1, -1), (platform.node(), 2**22 + 1, 5), (platform.node(), os.getpid(), 5)],
    ids=["its time is over", "its process is gone", "an earlier life of this container"],
)
def test_a_lock_that_nobody_holds_any_more_is_taken_over(world: World, host: str, pid: int, minutes: int):
    """After a kill the next apply need not wait."""
    hold(world, host, pid, NOON + timedelta(minutes=minutes))

    assert taken(world)


def test_a_lock_of_another_machine_is_respected(world: World):
    """Its process can't be seen from here."""
    hold(world, "elsewhere", 2**22 + 1, NOON + timedelta(minutes=5))

    with pytest.raises(RedashAway, match="on elsewhere, until 2026-11-23T12:05"):
        taken(world)


def test_two_applies_at_once_make_nothing_twice(make_world: Callable[[], World]):
    """One does its work, the other is sent away; in the end there is nothing to do."""

    world = make_world()

    def one_apply(_number: int) -> str:
        try:
            with Client(world.fake.url, world.api_key, attempts=1) as client, only_one(client, "default"):
                world.apply()
        except RedashAway:
            return "come again"
        return "done"

    with ThreadPoolExecutor(2) as threads:
        ends = sorted(threads.map(one_apply, range(2)))

    assert ends in (["come again", "done"], ["done", "done"])
    assert sorted(row["name"] for row in world.fake.state.dashboards.values()) == ["Board"]
    assert len(world.fake.state.queries) == 3
    assert world.steps() == []
