"""The file that others copy: whole lines, dense numbers, rotation, losses that are counted, and requests that never wait."""

from __future__ import annotations

import ast
import dataclasses
import errno
import json
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_app import tts_line
from tts_app.events import HeartbeatEvent, MarkEvent, RequestEvent, encode
from tts_app.text import clean, count
from tts_app.tts_line import ALWAYS, KEYS, MAX_WAITING, LineFile, SpeechLog, code_of, is_new, rss_bytes, text_figures

#: So long that only a test that fails waits for it.
LONG = 120.0


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Disk:
    """An `os.write` that takes only as many bytes as `room` says, and none while it is `held`.

    `most` is how many threads have ever been writing at once.
    """

    def __init__(self) -> None:
        self.room: int | None = None
        self.most = 0
        self.answers = threading.Event()
        self.answers.set()
        self._writing = 0

    def write(self, fd: int, data: bytes) -> int:
        self._writing += 1
        self.most = max(self.most, self._writing)
        self.answers.wait()
        self._writing -= 1
        if self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(fd, data[: self.room])


def rendered(item: Any, writer_id: str, seq: int) -> bytes:
    """A small line; an item that is an exception can't be rendered."""
    if isinstance(item, Exception):
        raise item
    return json.dumps({"seq": seq, "label": item, "writer_id": writer_id}).encode()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().split("\n") if line]


def seqs(path: Path) -> list[int]:
    return [line["seq"] for line in lines(path)]


def labels(path: Path) -> list[str]:
    return [line["label"] for line in lines(path)]


Opened = Callable[..., LineFile]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "tts.log"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(path: Path, clock: Clock) -> Iterator[Opened]:
    """Opens the file; what was opened is closed at the end."""
    files: list[LineFile] = []

    def open_file(**options: Any) -> LineFile:
        files.append(LineFile(path, rendered, clock=clock, **options))
        return files[-1]

    yield open_file
    for file in files:
        file.close(LONG)


# The writer


def test_a_torn_last_line_is_ended_first(path: Path, opened: Opened) -> None:
    """Half a line that a crash left behind doesn't swallow the next one."""
    path.parent.mkdir()
    path.write_bytes(b'{"v":1,"ev')
    file = opened()

    file.append("next")
    file.close(LONG)

    torn, whole = path.read_bytes().splitlines()
    assert torn == b'{"v":1,"ev'
    assert json.loads(whole)["label"] == "next"


def test_a_line_torn_by_another_process_is_ended_first(path: Path, opened: Opened) -> None:
    """Somebody else's half line, seen by the size that isn't what this writer left."""
    file = opened()
    file.append("one")
    file.flush(LONG)
    with path.open("ab") as other:
        other.write(b'{"half')

    file.append("two")
    file.close(LONG)

    assert [line[:6] for line in path.read_bytes().split(b"\n")] == [b'{"seq"', b'{"half', b'{"seq"', b""]


def test_a_file_that_ends_well_gets_no_blank_line(path: Path, opened: Opened) -> None:
    """Opening a sound file, or sharing it, adds nothing to it."""
    first, second = opened(), opened()
    for file in (first, second, first):
        file.append("line")
        file.flush(LONG)

    assert path.read_bytes().count(b"\n") == 3
    assert len({line["writer_id"] for line in lines(path)}) == 2


@pytest.mark.parametrize("room", [0, 1, 40])
def test_a_full_disk_is_counted_and_uses_up_the_number(path: Path, opened: Opened, room: int) -> None:
    """A write that fails, whole or in part, raises nothing; the next line starts on a new line with the next number."""
    disk, told = Disk(), list[str]()
    file = opened(write=disk.write, tell=told.append)
    file.append("before")
    file.flush(LONG)

    disk.room = room
    file.append("lost")
    file.append("lost")
    file.flush(LONG)
    disk.room = None
    file.append("after")
    file.close(LONG)

    whole = [json.loads(line) for line in path.read_bytes().split(b"\n") if line.endswith(b"}")]
    assert [(line["seq"], line["label"]) for line in whole] == [(1, "before"), (4, "after")]
    assert file.failed_writes == 2
    assert len(told) == 1


def test_a_stopped_file_system_holds_up_nobody(path: Path, opened: Opened) -> None:
    """While a write hangs, lines are taken at once and wait; when it answers they are all written, in order."""
    disk = Disk()
    file = opened(write=disk.write)
    disk.answers.clear()

    taken = [file.append(f"{number}") for number in range(100)]
    hanging = file.flush(timeout=0)
    disk.answers.set()
    written = file.flush(LONG)

    assert (taken, hanging, written) == ([True] * 100, False, True)
    assert seqs(path) == list(range(1, 101))
    assert file.failed_writes == 0


def test_more_than_can_wait_is_lost_and_counted(path: Path, opened: Opened) -> None:
    """What comes above 10,000 waiting lines uses up its numbers; after that it goes on."""
    disk, told = Disk(), list[str]()
    file = opened(write=disk.write, tell=told.append)
    disk.answers.clear()
    while file.append("waits"):
        pass
    lost = [file.append("lost"), file.append("lost")]
    disk.answers.set()
    file.flush(LONG)
    file.append("after")
    file.close(LONG)

    # One of them may have been taken out of the queue already when the write began to hang.
    waited = len(lines(path)) - 1
    assert lost == [False, False]
    assert waited in (MAX_WAITING, MAX_WAITING + 1)
    assert seqs(path) == [*range(1, waited + 1), waited + 4]
    assert (file.failed_writes, told) == (3, ["log lines are being lost: the file system doesn't answer"])


def test_the_end_waits_no_longer_than_it_may(path: Path, opened: Opened) -> None:
    """Closing with a write that hangs gives up and counts what waits."""
    disk = Disk()
    file = opened(write=disk.write)
    disk.answers.clear()
    for _ in range(4):
        file.append("x")
    wait_until(lambda: disk.most == 1)

    file.close(timeout=0)
    failed = file.failed_writes
    late = file.append("late")
    disk.answers.set()

    assert (failed, late, file.failed_writes) == (3, False, 4)


def wait_until(condition: Callable[[], bool]) -> None:
    pause, deadline = threading.Event(), time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        pause.wait(0.001)


def test_an_item_that_can_not_be_rendered_costs_its_own_line(path: Path, opened: Opened) -> None:
    """Whatever the renderer raises, and even where nobody can be told."""

    def deaf(_: str) -> None:
        raise BrokenPipeError

    file = opened(tell=deaf)

    for item in (ValueError("secret"), "good"):
        file.append(item)
    file.close(LONG)

    assert (file.failed_writes, seqs(path)) == (1, [2])


def test_a_renamed_file_is_followed(path: Path, clock: Clock, opened: Opened) -> None:
    """Within a second of a rotation by rename the lines go to a new file under the old name; none is lost."""
    file = opened()
    file.append("old")
    file.flush(LONG)
    path.rename(path.with_name("tts.log-20261122"))

    for seconds, label in ((0.5, "still old"), (0.6, "new")):
        clock.now += seconds
        file.append(label)
        file.flush(LONG)

    assert labels(path.with_name("tts.log-20261122")) == ["old", "still old"]
    assert (labels(path), seqs(path)) == (["new"], [3])


def test_a_file_put_in_place_by_rotation_is_taken_over(path: Path, clock: Clock, opened: Opened) -> None:
    """logrotate's `create` makes the new file itself: the writer goes over to it."""
    file = opened()
    path.rename(path.with_name("tts.log.1"))
    path.touch()

    clock.now += 1.1
    file.append("new")
    file.close(LONG)

    assert seqs(path) == [1]


def test_looking_costs_no_descriptor(path: Path, clock: Clock, opened: Opened) -> None:
    """Twenty looks, every second one after a rotation: one file stays open."""
    file = opened()
    before = set(Path("/proc/self/fd").iterdir())
    for number in range(20):
        clock.now += 1.1
        file.append("line")
        file.flush(LONG)
        if number % 2:
            path.rename(path.with_name(f"tts.log.{number}"))

    assert len(set(Path("/proc/self/fd").iterdir()) - before) < 5


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["a folder", "a pipe"])
def test_a_log_that_can_not_be_reopened_comes_back(
    path: Path, clock: Clock, opened: Opened, make: Callable[[Path], None]
) -> None:
    """While the path can't be opened lines are counted as lost; a pipe holds nobody up; once it can, the next look finds it."""
    file = opened()
    path.unlink()
    make(path)

    clock.now += 1.1
    file.append("lost")
    file.flush(LONG)
    path.rename(path.with_name("away"))
    clock.now += 1.1
    file.append("found")
    file.close(LONG)

    assert (file.failed_writes, seqs(path)) == (1, [2])


def test_threads_never_interleave(path: Path, opened: Opened) -> None:
    """Eight threads write 100 lines each: all whole, numbered 1 to 800 in the order of the file, one at a time."""
    disk = Disk()
    file = opened(write=disk.write)

    def write_hundred() -> None:
        for _ in range(100):
            file.append("x" * 500)

    threads = [threading.Thread(target=write_hundred) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    file.close(LONG)

    assert seqs(path) == list(range(1, 801))
    assert disk.most == 1


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["a folder", "a pipe"])
def test_only_a_regular_file_is_a_log(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """Told at the start, without waiting for a reader of the pipe."""
    make(tmp_path / "log")

    with pytest.raises(OSError, match=r"directory|regular"):
        LineFile(tmp_path / "log", rendered)


# Processes

WRITER = """
import itertools, os, sys
sys.path.insert(0, sys.argv[3])
import tts_line
ticks = itertools.count().__next__
file = tts_line.LineFile(sys.argv[1], lambda item, writer, seq: b'{"writer_id":"%s","seq":%d,"pad":"%s"}' % (
    writer.encode(), seq, b"x" * item), clock=ticks)
print(file.writer_id, flush=True)
written = 0
while not os.path.exists(sys.argv[2]):
    for size in (0, 40, 3000):
        written += file.append(size)
    file.flush()
file.close()
print(written)
"""


def alone(folder: Path) -> Path:
    """A folder that holds a copy of the file and nothing else."""
    copy = folder / "copied" / "tts_line.py"
    copy.parent.mkdir()
    copy.write_bytes(Path(tts_line.__file__).read_bytes())
    return copy.parent


def all_wrote(path: Path, ids: list[str]) -> bool:
    return path.exists() and all(text.encode() in path.read_bytes() for text in ids)


def test_several_processes_share_a_file_through_rotations(tmp_path: Path) -> None:
    """Three writers, one killed; six rotations: no torn line, no number missing, not even the killed one's."""
    path, stop = tmp_path / "tts.log", tmp_path / "stop"
    command = [sys.executable, "-I", "-S", "-c", WRITER, str(path), str(stop), str(alone(tmp_path))]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    ids = [writer.stdout.readline().strip() for writer in writers if writer.stdout]
    for number in range(6):
        wait_until(partial(all_wrote, path, ids[number > 2 :]))
        path.rename(tmp_path / f"tts.log.{number}")
        if number == 2:
            writers[0].kill()
    stop.touch()
    said = [writer.communicate()[0].strip() for writer in writers]

    found: dict[str, list[int]] = {text: [] for text in ids}
    for file in tmp_path.glob("tts.log*"):
        for line in lines(file):
            found[line["writer_id"]].append(line["seq"])
    assert [sorted(found[text]) for text in ids] == [list(range(1, len(found[text]) + 1)) for text in ids]
    assert said == ["", *(str(len(found[text])) for text in ids[1:])]
    assert all(line["pad"] in ("", "x" * 40, "x" * 3000) for file in tmp_path.glob("tts.log*") for line in lines(file))


FORKING = """
import os, sys
sys.path.insert(0, sys.argv[2])
import tts_line
log = tts_line.SpeechLog(sys.argv[1], instance="i", app_version="1", engine="e")
log.mark("parent"); log.mark("parent")
child = os.fork()
if child == 0:
    log.mark("child")
    log.request("api").close()
    log.close()
    os._exit(0)
os.waitpid(child, 0)
log.mark("parent")
"""


def test_a_forked_child_is_a_writer_of_its_own(tmp_path: Path) -> None:
    """Its id and its numbers are new; what the parent had not written yet is the parent's. Ending writes what waits."""
    path = tmp_path / "tts.log"
    command = [sys.executable, "-I", "-S", "-W", "ignore", "-c", FORKING, str(path), str(alone(tmp_path))]

    subprocess.run(command, check=True)

    found = lines(path)
    by_writer: dict[str, list[tuple[int, str | None]]] = {line["writer_id"]: [] for line in found}
    for line in found:
        by_writer[line["writer_id"]].append((line["seq"], line.get("label")))
    assert sorted(by_writer.values(), key=len) == [
        [(1, "child"), (2, None)],
        [(1, "parent"), (2, "parent"), (3, "parent")],
    ]


def test_it_stands_on_the_standard_library_alone() -> None:
    """It parses as Python 3.9, and imports nothing that 3.9 didn't bring along."""
    tree = ast.parse(Path(tts_line.__file__).read_text(), feature_version=(3, 9))
    imported = {
        name.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([ast.alias(node.module or "")] if isinstance(node, ast.ImportFrom) else node.names)
    }

    assert imported <= set(sys.stdlib_module_names)


# The words


@pytest.mark.parametrize("kind", [RequestEvent, HeartbeatEvent, MarkEvent], ids=lambda kind: kind.EVENT)
def test_both_writers_have_the_same_keys(kind: type) -> None:
    """The service's events and the file that is copied, in the same order."""
    assert KEYS[kind.EVENT] == [field.name for field in dataclasses.fields(kind)]  # type: ignore[attr-defined]


def test_what_is_always_there_has_the_service_s_defaults() -> None:
    """Each key that no line may lack, with its default where the service has one."""
    fields = {field.name: field.default for field in dataclasses.fields(RequestEvent) if field.default is not None}
    defaults = {name: default for name, default in fields.items() if default is not dataclasses.MISSING}

    assert set(ALWAYS) == set(fields) - {"ts", "writer_id", "seq"}
    assert {name: ALWAYS[name] for name in defaults if name in ALWAYS} == {
        name: default for name, default in defaults.items() if name in ALWAYS
    }


@given(st.text())
def test_texts_are_counted_as_the_service_counts_them(text: str) -> None:
    """Cleaned first; the text is nowhere in the figures."""
    assert text_figures(text) == dataclasses.asdict(count(clean(text)))


def test_the_sizes_of_a_text() -> None:
    """Code points after NFC and strip; Han, digits of any script and white space told apart."""
    assert text_figures("  你好 é 12 ٣\n") == {
        "text_chars": 9,
        "text_bytes": 15,
        "text_han_chars": 2,
        "text_digit_chars": 3,
        "text_space_chars": 3,
    }


def test_memory_is_measured() -> None:
    """More than a megabyte, in bytes."""
    assert (rss_bytes() or 0) > 1_000_000


def test_a_version_is_new_once(tmp_path: Path) -> None:
    """The second look at a version says no; a state that can't be kept makes nothing new."""
    (tmp_path / "file").touch()

    assert [is_new(tmp_path / "state" / "v", text) for text in ("1", "1", "2", "1")] == [True, False, True, True]
    assert is_new(tmp_path / "file" / "v", "1") is False


# The log of another server

MOMENT = datetime(2026, 11, 22, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture
def speech(path: Path, clock: Clock) -> Iterator[SpeechLog]:
    log = SpeechLog(
        path, instance="studio-1", app_version="1.4.2", engine="my-engine", hash_key=b"k" * 16,
        clock=clock, now=lambda: MOMENT,
    )  # fmt: skip
    yield log
    log.close(LONG)


def test_a_request_is_the_line_that_the_service_would_write(speech: SpeechLog, path: Path, clock: Clock) -> None:
    """The same facts through the service's event give the same bytes."""
    with speech.request("openai", client="key", session="s", request_id="r-1", queue_depth=2) as line:
        line.text("Hello 世界")
        with line.timing("queue_seconds"):
            clock.now += 0.25
        with line.timing("synthesis_seconds"):
            clock.now += 0.5
        line.first_audio()
        line.note(language="en", audio_seconds=2.5, stage_seconds={"gpt": 0.4}, http_status=200, stream=True)
        line.warn("clipped")
        clock.now += 0.25
    speech.close(LONG)

    [written] = path.read_bytes().splitlines()
    event = RequestEvent(
        ts="2026-11-22T01:02:03.000004Z", request_id="r-1", instance="studio-1", app_version="1.4.2", source="openai",
        client_hash=speech.hash("client", "key"), session_hash=speech.hash("session", "s"),
        hash_key_id=speech.hash("key id")[:8], status="ok", fault="none", http_status=200, warnings=("clipped",),
        engine="my-engine", language="en", text_chars=8, text_bytes=12, text_han_chars=2, text_digit_chars=0,
        text_space_chars=1, stream=True, audio_seconds=2.5, queue_seconds=0.25, synthesis_seconds=0.5,
        first_audio_seconds=0.75, total_seconds=1.0, stage_seconds={"gpt": 0.4}, queue_depth=2,
    )  # fmt: skip
    assert written == encode(event, speech.file.writer_id, 1)


class Refused(Exception):
    """An error of a server, with a code of the taxonomy."""

    code = "QUEUE_FULL"


class CancelledError(BaseException):
    """As asyncio's."""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused(), "QUEUE_FULL"),
        (MemoryError(), "OOM_HOST"),
        (BrokenPipeError(), "CANCELLED"),
        (GeneratorExit(), "CANCELLED"),
        (SystemExit(), "CANCELLED"),
        (CancelledError(), "CANCELLED"),
        (ValueError("the user's text"), "INTERNAL"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_exception_ends_its_line_and_goes_on(speech: SpeechLog, path: Path, error: BaseException, code: str) -> None:
    """By its own code, else by its class; the message is nowhere."""
    with pytest.raises(type(error)), speech.request("api", audio_seconds=1.0):
        raise error
    speech.close(LONG)

    [written] = lines(path)
    kind = tts_line.ERRORS[code]
    assert code_of(error) == code
    assert (written["status"], written["fault"], written["error_code"], written["error_stage"]) == (
        kind.status, kind.fault, code, kind.stage,
    )  # fmt: skip
    assert (written["http_status"], written["error_type"]) == (kind.http_status, type(error).__name__)
    assert "user's" not in path.read_text()


def test_the_first_failure_stays_and_a_line_is_written_once(speech: SpeechLog, path: Path) -> None:
    """A code that is unknown is INTERNAL; closing again, or what is noted later, changes nothing."""
    line = speech.request("api")
    line.fail("NO_SUCH_CODE", stage="encode")
    line.fail("EMPTY_TEXT")
    line.close()
    line.note(language="en")
    line.close()
    speech.close(LONG)

    [written] = lines(path)
    assert (written["error_code"], written["error_stage"], written["language"]) == ("INTERNAL", "encode", "und")
    assert speech.in_flight == 0


def test_an_answer_without_audio_is_no_success(speech: SpeechLog, path: Path) -> None:
    """Unless it came from a cache: then it has no synthesis."""
    speech.request("api").close()
    speech.request("api", cache_hit=True, synthesis_seconds=0.5).close()
    speech.close(LONG)

    assert [(line["status"], line.get("error_code"), line.get("synthesis_seconds")) for line in lines(path)] == [
        ("error", "BAD_OUTPUT", None),
        ("ok", None, None),
    ]


def test_keys_of_its_own_begin_with_x(speech: SpeechLog, path: Path) -> None:
    """Others are left out, and what the log itself says can't be overruled."""
    with speech.request("api", audio_seconds=1.0, x_scene=3, text="secret", status="error", seq=9) as line:
        line.note(total_seconds=99.0, x_b="b", writer_id="me")
    speech.close(LONG)

    [written] = lines(path)
    assert {key: written[key] for key in list(written)[-2:]} == {"x_b": "b", "x_scene": 3}
    assert (written["status"], written["seq"], written["total_seconds"], written["writer_id"]) == (
        "ok", 1, 0.0, speech.file.writer_id,
    )  # fmt: skip
    assert "secret" not in path.read_text()


class Scalar:
    """As a number of numpy or torch."""

    def __init__(self, value: object) -> None:
        self._value = value

    def item(self) -> object:
        return self._value


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (math.nan, None),
        (math.inf, None),
        (2**63, None),
        (object(), None),
        (Scalar(0.5), 0.5),
        (Scalar(object()), None),
        ("a\0b\nc", "abc"),
        ("x" * 999, "x" * 200),
        (True, True),
        ({"a": math.nan, "b": Scalar(1)}, {"b": 1}),
        ([1, math.nan], None),
        ((1, 2), [1, 2]),
    ],
)
def test_values_are_made_plain(given: object, kept: object) -> None:
    """What JSON or a database can't hold is null; a tensor's scalar is its number."""
    assert tts_line.plain(given) == kept


def test_heartbeats_and_marks(speech: SpeechLog, path: Path, tmp_path: Path, clock: Clock) -> None:
    """What the log knows itself, what it is told, and a release only where the version is new."""
    speech.release(tmp_path / "version")
    speech.release(tmp_path / "version")
    speech.mark("版本 2", "maintenance")
    speech.request("api")
    clock.now += 2.5
    speech.heartbeat(workers_up=1, gpus=[{"index": 0, "utilization_mean": math.nan}])
    speech.close(LONG)

    release, maintenance, beat = lines(path)
    assert (release["kind"], release["label"], maintenance["label"]) == ("release", "1.4.2", "版本 2")
    assert beat.pop("rss_bytes") > 1_000_000
    assert beat == {
        "v": 1, "event": "tts.heartbeat", "ts": "2026-11-22T01:02:03.000004Z", "writer_id": speech.file.writer_id,
        "seq": 3, "instance": "studio-1", "workers_up": 1, "in_flight": 1, "uptime_seconds": 2.5, "requests": 1,
        "sampled_out": 0, "failed_writes": 0, "gpus": [{"index": 0}],
    }  # fmt: skip


def test_a_heart_beats_from_start_to_end(speech: SpeechLog, path: Path) -> None:
    """At once, at each interval, once at the end; figures that can't be had don't stop it."""
    asked: list[bool] = []

    def figures() -> dict[str, Any]:
        asked.append(True)
        if len(asked) % 2 == 0:
            raise ZeroDivisionError
        return {"workers_up": 2}

    speech.beat(figures, every_seconds=0.001)
    wait_until(lambda: len(asked) > 4)
    speech.close(LONG)

    assert {line["event"] for line in lines(path)} == {"tts.heartbeat"}
    assert {line.get("workers_up") for line in lines(path)} == {2, None}
