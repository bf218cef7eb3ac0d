"""The log file: whole lines, dense numbers, rotation, and losses that are counted instead of raised."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path

import pytest

from tts_app.errors import ConfigError
from tts_app.eventlog import EventLog, new_writer_id
from tts_app.events import MarkEvent


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Disk:
    """An `os.write` that takes only as many bytes as `room` says: a full disk, or a short write.

    `most` is how many threads have ever been writing at once.
    """

    def __init__(self) -> None:
        self.room: int | None = None
        self.most = 0
        self._writing = 0

    def write(self, fd: int, data: bytes) -> int:
        if self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._writing += 1
        self.most = max(self.most, self._writing)
        written = os.write(fd, data[: self.room])
        self._writing -= 1
        return written


def mark(label: str) -> MarkEvent:
    return MarkEvent(ts="2026-11-22T01:02:03.000004Z", instance="test", kind="note", label=label)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().split("\n") if line]


def seqs(path: Path) -> list[object]:
    return [line["seq"] for line in lines(path)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "tts.log"


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_line_is_whole_and_named(path: Path, clock: Clock) -> None:
    """The folder is made, and each line carries the writer's id and its own number."""
    log = EventLog(path, "a" * 32, clock=clock)

    assert log.append(mark("one"))
    assert log.append(mark("two"))
    log.close()

    assert path.read_text() == (
        '{"v":1,"event":"tts.mark","ts":"2026-11-22T01:02:03.000004Z","writer_id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",'
        '"seq":1,"instance":"test","kind":"note","label":"one"}\n'
        '{"v":1,"event":"tts.mark","ts":"2026-11-22T01:02:03.000004Z","writer_id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",'
        '"seq":2,"instance":"test","kind":"note","label":"two"}\n'
    )


def test_a_torn_last_line_is_ended_first(path: Path, clock: Clock) -> None:
    """Half a line that a crash left behind doesn't swallow the next one."""
    path.parent.mkdir()
    path.write_bytes(b'{"v":1,"ev')
    log = EventLog(path, "w", clock=clock)

    log.append(mark("next"))
    log.close()

    torn, whole = path.read_bytes().splitlines()
    assert torn == b'{"v":1,"ev'
    assert json.loads(whole)["label"] == "next"


def test_a_file_that_ends_well_gets_no_blank_line(path: Path, clock: Clock) -> None:
    """Opening a sound file adds nothing to it."""
    first = EventLog(path, "w", clock=clock)
    first.append(mark("one"))
    first.close()

    second = EventLog(path, "x", clock=clock)
    second.append(mark("two"))
    second.close()

    assert path.read_bytes().count(b"\n") == 2


@pytest.mark.parametrize("room", [0, 1, 40])
def test_a_full_disk_is_counted_and_uses_up_the_number(path: Path, clock: Clock, room: int) -> None:
    """A write that fails, whole or in part, raises nothing; the next line starts on a new line with the next number."""
    disk = Disk()
    told: list[str] = []
    log = EventLog(path, "w", clock=clock, write=disk.write, tell=told.append)
    log.append(mark("before"))

    disk.room = room
    outcome = [log.append(mark("lost")), log.append(mark("lost"))]
    disk.room = None
    log.append(mark("after"))
    log.close()

    whole = [json.loads(line) for line in path.read_bytes().split(b"\n") if line.endswith(b"}")]
    assert outcome == [False, False]
    assert [(line["seq"], line["label"]) for line in whole] == [(1, "before"), (4, "after")]
    assert log.failed_writes == 2
    assert len(told) == 1


def test_a_renamed_file_is_followed(path: Path, clock: Clock) -> None:
    """Within a second of a rotation by rename the lines go to a new file under the old name; none is lost."""
    log = EventLog(path, "w", clock=clock)
    log.append(mark("old"))
    path.rename(path.with_name("tts.log-20261122"))

    clock.now += 0.5
    log.append(mark("still old"))
    clock.now += 0.6
    log.append(mark("new"))
    log.close()

    assert [line["label"] for line in lines(path.with_name("tts.log-20261122"))] == ["old", "still old"]
    assert [line["label"] for line in lines(path)] == ["new"]
    assert seqs(path) == [3]


def test_a_file_put_in_place_by_rotation_is_taken_over(path: Path, clock: Clock) -> None:
    """logrotate's `create` makes the new file itself: the writer goes over to it."""
    log = EventLog(path, "w", clock=clock)
    path.rename(path.with_name("tts.log.1"))
    path.touch()

    clock.now += 1.1
    log.append(mark("new"))
    log.close()

    assert seqs(path) == [1]


def test_a_log_that_can_not_be_reopened_comes_back(path: Path, clock: Clock) -> None:
    """While the path can't be opened lines are counted as lost; once it can, the next look finds it."""
    log = EventLog(path, "w", clock=clock)
    path.unlink()
    path.mkdir()

    clock.now += 1.1
    lost = log.append(mark("lost"))
    path.rmdir()
    clock.now += 1.1
    found = log.append(mark("found"))
    log.close()

    assert (lost, found, log.failed_writes) == (False, True, 1)
    assert seqs(path) == [2]


def test_an_event_no_line_can_hold_is_counted(path: Path, clock: Clock) -> None:
    """A label that is no Unicode text loses its line, not the service."""
    log = EventLog(path, "w", clock=clock)

    kept = log.append(mark("\ud800"))
    log.append(mark("good"))
    log.close()

    assert (kept, log.failed_writes, seqs(path)) == (False, 1, [2])


def test_threads_never_interleave(path: Path, clock: Clock) -> None:
    """Eight threads write 100 lines each: all whole, numbered 1 to 800 in the order of the file, one at a time."""
    disk = Disk()
    log = EventLog(path, "w", clock=clock, write=disk.write)

    def write_hundred() -> None:
        for _ in range(100):
            log.append(mark("x" * 500))

    threads = [threading.Thread(target=write_hundred) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()

    assert seqs(path) == list(range(1, 801))
    assert disk.most == 1


def test_a_log_that_can_not_be_opened_stops_the_start(tmp_path: Path, clock: Clock) -> None:
    """A folder in the place of the log is told at the start, with a hint."""
    with pytest.raises(ConfigError) as caught:
        EventLog(tmp_path, "w", clock=clock)

    assert caught.value.hint == "name another file with --log or TTS_LOG"


def test_writer_ids_differ() -> None:
    """Each start gets 32 hex digits of its own."""
    first, second = new_writer_id(), new_writer_id()

    assert first != second
    assert len(bytes.fromhex(first)) == 16
