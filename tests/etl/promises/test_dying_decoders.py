"""A decoder that dies, whenever, costs its stretch nothing, and none outlives a writer that is killed."""

from __future__ import annotations

import array
import fcntl
import os
import signal
import termios
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from etl.config import Settings
from etl.loading.ingest import Reading
from etl.loading.runs import Surroundings, import_once
from etl.reading.decoding import Decoders, Job
from etl.reading.stretches import CHUNK_BYTES
from etl.store.database import Database
from tests.etl import lines
from tests.etl.loading import loader
from tests.soak.shared import FORK, decoders_of, killed_with_decoders

#: Long enough for two stretches behind the first lines.
_PADDING = "x" * 8000
_LAST = CHUNK_BYTES // 8000 + 40
#: Kept lines come through the pipe: more than it holds, so that a decoder is not done before it is read.
_BAD = [b'{"v":9,"bad":%d,"padding":"%s"}\n' % (number, b"y" * 4000) for number in range(30)]
_SECONDS = 120


@pytest.fixture(params=[0, len(_BAD)], ids=["small answers", "an answer larger than a pipe"])
def bad(request: pytest.FixtureRequest) -> list[bytes]:
    """What stands, beside requests, in the second of the packed stretches."""
    return _BAD[: request.param]


def grown(log: Path, bad: list[bytes]) -> None:
    """Appends two stretches to a log of one line: a full one, and a small one with the bad lines in it."""
    with log.open("ab") as file:
        file.write(lines.lines(2, _LAST, padding=_PADDING) + b"".join(bad))


def waiting_bytes(decoder: int) -> int:
    """How much of a decoder's answers nobody has read yet."""
    pipe = os.open(f"/proc/{decoder}/fd/1", os.O_RDONLY | os.O_NONBLOCK)
    try:
        found = array.array("i", [0])
        fcntl.ioctl(pipe, termios.FIONREAD, found)
    finally:
        os.close(pipe)
    return found[0]


def state_of(process: int) -> str:
    """Its letter in /proc: T is stopped, Z is dead and not yet asked for."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


def is_dead(process: int) -> bool:
    return state_of(process) == "Z"


def waited_for(found: Callable[[], Any]) -> Any:
    """What it finds, as soon as that is true."""
    deadline = time.monotonic() + _SECONDS
    while not (this := found()):
        assert time.monotonic() < deadline
        threading.Event().wait(0.002)
    return this


def answering(writer: int) -> list[int]:
    """The decoders of a process that have begun an answer which nobody reads."""
    return [decoder for decoder in decoders_of(writer) if waiting_bytes(decoder)]


def test_a_decoder_that_dies_in_or_after_its_answer(database_url: str, tmp_path: Path, bad: list[bytes]) -> None:
    """Killed while the stretch before is written: half an answer is none, and a whole one is taken from the dead."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 1))
    roads: list[str] = []
    with loader(database_url) as load:
        load.load(log)
        grown(log, bad)

        def reached(step: str) -> None:
            if step in ("sorted", "packed"):
                roads.append(step)
            if roads == ["packed"] and step == "copied":
                for decoder in waited_for(lambda: answering(os.getpid())):
                    os.kill(decoder, signal.SIGKILL)
                    # A write that has begun goes on as long as somebody reads it, and only then sees the signal.
                    waited_for(partial(is_dead, decoder))

        load.reached = reached
        counts = load.load(log, bulk_bytes=1).counts()

        assert roads == ["packed", "sorted" if bad else "packed"]
        assert (counts.ok, counts.quarantined, load.seqs()) == (_LAST - 1, len(bad), list(range(1, _LAST + 1)))
        load.check_books()


def test_a_decoder_that_dies_before_its_answer(database_url: str, tmp_path: Path) -> None:
    """The first of the two is stopped, seen to have said nothing, and killed: its stretch is decoded by the writer."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 1))
    roads: list[str] = []
    said: list[int] = []
    writer = os.getpid()

    def kill_the_first() -> None:
        decoder = waited_for(lambda: decoders_of(writer))[0]
        os.kill(decoder, signal.SIGSTOP)
        waited_for(lambda: state_of(decoder) == "T")
        said.append(waiting_bytes(decoder))
        os.kill(decoder, signal.SIGKILL)

    with loader(database_url) as load:
        load.load(log)
        grown(log, [])
        load.reached = lambda step: roads.append(step) if step in ("sorted", "packed") else None
        killer = threading.Thread(target=kill_the_first)
        killer.start()
        counts = load.load(log, bulk_bytes=1).counts()
        killer.join()

        assert (said, roads) == ([0], ["sorted", "packed"])
        assert (counts.ok, load.seqs()) == (_LAST - 1, list(range(1, _LAST + 1)))
        load.check_books()


def test_a_decoder_that_dies_between_two_jobs() -> None:
    """The job that it is given then has no answer, and the next one a decoder of its own."""
    decoders = Decoders()
    line = lines.line(1) + b"\n"
    job = Job("postgresql", "UTC", "UTC", 1, 0, len(line), None)
    answers = []
    try:
        for number in range(3):
            decoders.give(job, line)
            answers.append(decoders.take())
            if number == 0:
                assert killed_with_decoders(decoders.pids()[0], decoders.pids(), _SECONDS) == []
    finally:
        decoders.close()

    assert [answer and answer.rows for answer in answers] == [1, None, 1]


def test_no_decoder_outlives_its_killed_writer(database_url: str, tmp_path: Path, bad: list[bytes]) -> None:
    """The writer gets SIGKILL within a transaction; of its decoders one idles and one has an answer, or half of it."""
    log = tmp_path / "tts.log"
    log.write_bytes(lines.lines(1, 1))
    with loader(database_url) as load:
        load.load(log)
        grown(log, bad)
        writer = FORK.Process(target=stuck, args=(database_url, log, tmp_path))
        writer.start()
        waited_for(lambda: answering(writer.pid or 0))
        decoders = decoders_of(writer.pid or 0)
        outliving = killed_with_decoders(writer.pid or 0, decoders, _SECONDS)
        writer.join()

        assert (len(decoders), outliving, writer.exitcode) == (2, [], -signal.SIGKILL)
        load.load(log)
        assert load.seqs() == list(range(1, _LAST + 1))
        load.check_books()


def stuck(url: str, log: Path, state: Path) -> None:
    """An import that goes no further than the rows of its first packed stretch."""

    def reached(step: str) -> None:
        if step == "copied":
            threading.Event().wait()

    around = Surroundings(reached=reached)
    settings = Settings(url, (), "default", None, state, json=False, verbose=False)
    import_once(Database(url), settings, [str(log)], around, Reading(bulk_bytes=1))
