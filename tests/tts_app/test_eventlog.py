"""The service's log: its events, rendered, through the writer that others copy; what the writer does is in test_tts_line."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tts_app.errors import ConfigError
from tts_app.eventlog import EventLog
from tts_app.events import MarkEvent


def mark(label: str) -> MarkEvent:
    return MarkEvent(ts="2026-11-22T01:02:03.000004Z", instance="test", kind="note", label=label)


def still() -> float:
    """A clock that stands still."""
    return 100.0


def test_a_line_is_whole_and_named(tmp_path: Path) -> None:
    """The folder is made, and each line carries the writer's id and its own number."""
    path = tmp_path / "logs" / "tts.log"
    log = EventLog(path, "a" * 32, clock=still)

    assert log.append(mark("one"))
    assert log.append(mark("版本 2"))
    log.close(120)

    assert path.read_text() == (
        '{"v":1,"event":"tts.mark","ts":"2026-11-22T01:02:03.000004Z","writer_id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",'
        '"seq":1,"instance":"test","kind":"note","label":"one"}\n'
        '{"v":1,"event":"tts.mark","ts":"2026-11-22T01:02:03.000004Z","writer_id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",'
        '"seq":2,"instance":"test","kind":"note","label":"版本 2"}\n'
    )


def test_an_event_no_line_can_hold_is_counted(tmp_path: Path) -> None:
    """A label that is no Unicode text loses its line and uses up its number; it costs nothing else."""
    told: list[str] = []
    log = EventLog(tmp_path / "tts.log", "w", clock=still, tell=told.append)

    log.append(mark("\ud800"))
    log.append(mark("good"))
    written = log.flush(120)
    log.close(120)

    assert (written, log.failed_writes) == (True, 1)
    assert [line.partition('"seq":')[2][0] for line in log.path.read_text().splitlines()] == ["2"]
    assert told == ["log lines are being lost: EventInvalid while a line was made"]


def test_a_full_disk_is_counted(tmp_path: Path) -> None:
    """The event is taken, the loss shows in the count, and the request that wrote it knows nothing of it."""

    def full(_: int, __: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    log = EventLog(tmp_path / "tts.log", clock=still, write=full)

    taken = log.append(mark("lost"))
    log.close(120)

    assert (taken, log.failed_writes, log.append(mark("late"))) == (True, 1, False)
    assert log.failed_writes == 2


def test_a_log_that_can_not_be_opened_stops_the_start(tmp_path: Path) -> None:
    """A folder or a pipe in the place of the log is told at the start, with a hint."""
    os.mkfifo(tmp_path / "pipe")

    for path, why in ((tmp_path, "Is a directory"), (tmp_path / "pipe", "it is no regular file")):
        with pytest.raises(ConfigError, match=why) as caught:
            EventLog(path, "w", clock=still)
        assert caught.value.hint == "name another file with --log or TTS_LOG"
