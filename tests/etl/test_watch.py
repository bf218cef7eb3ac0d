"""File events wake the loop, and the loop turns without them too."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from etl.loading.watch import FolderWatch, loop


def test_the_loop_turns_until_it_is_stopped() -> None:
    """Each turn says how long to wait at most; a stop set within a turn ends it without waiting."""
    wake, stop = threading.Event(), threading.Event()
    turns: list[int] = []

    def turn() -> float:
        turns.append(len(turns))
        if len(turns) == 3:
            stop.set()
        return 0.0 if len(turns) < 3 else 3600.0

    loop(turn, wake, stop)

    assert turns == [0, 1, 2]


def test_an_event_ends_the_wait() -> None:
    """A wake-up brings the next turn at once, however long the last one wanted to wait."""
    wake, stop = threading.Event(), threading.Event()
    turns: list[int] = []

    def turn() -> float:
        turns.append(len(turns))
        (stop if len(turns) == 2 else wake).set()
        return 3600.0

    loop(turn, wake, stop)

    assert turns == [0, 1]


@pytest.mark.parametrize("change", ["append", "create", "rename", "delete"])
def test_any_change_in_the_folder_wakes(tmp_path: Path, change: str) -> None:
    """Writing, creating, renaming and deleting in a watched folder set the event."""
    log = tmp_path / "tts.log"
    log.write_bytes(b"one\n")
    wake = threading.Event()
    watch = FolderWatch([tmp_path], wake)
    try:
        match change:
            case "append":
                with log.open("ab") as file:
                    file.write(b"two\n")
            case "create":
                (tmp_path / "new.log").touch()
            case "rename":
                log.rename(tmp_path / "tts.log.1")
            case _:
                log.unlink()
        assert wake.wait(timeout=120)
        assert watch.check() == "ok"
    finally:
        watch.close()


def test_a_folder_that_cannot_be_watched_is_polled(tmp_path: Path) -> None:
    """Where events can't be had the state says so, and nothing else fails."""
    watch = FolderWatch([tmp_path / "none"], threading.Event())
    watch.close()

    assert (watch.check(), watch.reason != "") == ("polling", True)
