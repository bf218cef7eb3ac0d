"""The parts of a bootstrap: waiting, a key in a file, Redash's own command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from redash.errors import RedashAway, RedashError, WrongUse
from redash.remote.login import Entrance
from redash.sync.bootstrap import Manage, keep_key, wait_until_up, when_free


def test_a_key_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """Over what was there, with its mode; nothing is left beside it."""
    path = tmp_path / "redash.key"
    path.write_text("old")
    path.chmod(0o644)
    keep_key(path, "new")

    assert (path.read_text(), path.stat().st_mode & 0o777, list(tmp_path.iterdir())) == ("new", 0o600, [path])


class Clock:
    """Time passes by sleeping alone."""

    def __init__(self, up_at: float) -> None:
        self.now, self.up_at = 0.0, up_at

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(("up_at", "waited"), [(0, 0), (7, 8), (120, 120)])
def test_it_waits_for_a_server_that_starts(up_at: float, waited: float) -> None:
    """And says so once."""
    clock, said = Clock(up_at), list[str]()
    door = entrance_that(lambda: clock.now >= clock.up_at)
    wait_until_up(door, 120, clock=clock.time, sleep=clock.sleep, say=said.append)

    assert (clock.now, said) == (waited, ["waiting for http://redash.test"] if up_at else [])


def test_it_does_not_wait_for_ever() -> None:
    """Exit code 75, and how long it was."""
    clock = Clock(500)
    door = entrance_that(lambda: False)
    with pytest.raises(RedashAway, match="did not answer within 120 seconds") as raised:
        wait_until_up(door, 120, clock=clock.time, sleep=clock.sleep, say=lambda line: None)

    assert (clock.now, raised.value.exit_code) == (120, 75)


def test_it_waits_for_another_apply_to_end() -> None:
    """One that was killed on another machine holds its lock for minutes; what is no lock is not waited for."""
    clock, said = Clock(7), list[str]()

    def action() -> str:
        if clock.now < clock.up_at:
            raise RedashAway("another apply is running", undone=True)
        return "done"

    done = when_free(action, 120, clock=clock.time, sleep=clock.sleep, say=said.append)
    clock.up_at = 500
    with pytest.raises(RedashAway, match="another apply"):
        when_free(action, 120, clock=clock.time, sleep=clock.sleep, say=said.append)

    assert (done, clock.now, said) == ("done", 8 + 120, ["waiting: another apply is running"] * 2)


def entrance_that(is_up: Callable[[], bool]) -> Entrance:
    """An entrance whose server is up when it says so."""

    class Door(Entrance):
        def is_up(self) -> bool:
            return is_up()

    return Door("http://redash.test")


def test_a_command_line_that_fails_says_its_last_line_and_no_secret(tmp_path: Path) -> None:
    """As one line, with what was asked of it."""
    script = tmp_path / "manage.py"
    script.write_text('#!/bin/sh\necho Traceback >&2\necho "bad password: $5" >&2\nexit 3\n')
    script.chmod(0o755)
    with pytest.raises(RedashError) as raised:
        Manage([str(script)])("users", "create", "a@example.com", "--password", "s3cret")

    assert str(raised.value) == "--manage: users create failed (3): bad password: …"


def test_a_command_line_that_is_not_there_is_a_wrong_use() -> None:
    """Named by the word that can't be run."""
    with pytest.raises(WrongUse, match=r"--manage: can't run '/no/docker': No such file or directory"):
        Manage(["/no/docker", "exec"])("users", "list")
