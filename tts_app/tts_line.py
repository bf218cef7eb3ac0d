"""Writes Voxmeter's log line, version 1 (docs/log-format.md). One file, Python 3.9 or newer, POSIX, the standard library
alone: copy it into your own server.

    log = SpeechLog("logs/tts.log", instance="studio-1", app_version="1.4.2", engine="my-engine", hash_key=secret)
    with log.request("api", client=api_key) as line:
        line.text(text)
        with line.timing("synthesis_seconds"):
            sound = speak(text)
        line.note(language="en", audio_seconds=sound.seconds)

Nothing here fails a request or holds it up. A thread of the log does the writing, so a disk that is slow, full or has
stopped answering costs lines, never a request; lost lines leave a gap in `seq` and are counted in `failed_writes`.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import hmac
import json
import math
import os
import queue
import re
import secrets
import stat
import threading
import time
import unicodedata
import uuid
import weakref
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any, Literal, NamedTuple

VERSION = 1
MAX_LINE_BYTES = 256 * 1024

Status = Literal["ok", "error", "rejected", "cancelled", "timeout"]
Fault = Literal["none", "client", "service", "cancelled"]
Clock = Callable[[], float]
Tell = Callable[[str], None]

STATUSES = ("ok", "error", "rejected", "cancelled", "timeout")
FAULTS = ("none", "client", "service", "cancelled")
STAGES = ("validate", "admit", "queue", "load", "synth", "encode", "deliver")
SOURCES = ("webui", "api", "openai", "cli", "batch", "attach")
EMOTIONS = ("happy", "angry", "sad", "afraid", "disgusted", "melancholic", "surprised", "calm")
EMOTION_LABELS = ("neutral", *EMOTIONS, "unknown")
EMOTION_MODES = ("none", "preset", "vector", "audio", "text")
MARK_KINDS = ("release", "maintenance", "holiday", "note")


class ErrorKind(NamedTuple):
    """What an error code says about a request: its status, whose fault, the HTTP status, where, and whether to retry."""

    status: Status
    fault: Fault
    http_status: int
    stage: str
    retryable: bool = False


ERRORS = {
    "EMPTY_TEXT": ErrorKind("error", "client", 400, "validate"),
    "UNSPEAKABLE_TEXT": ErrorKind("error", "client", 422, "validate"),
    "TEXT_TOO_LONG": ErrorKind("error", "client", 413, "validate"),
    "UNSUPPORTED_LANGUAGE": ErrorKind("error", "client", 422, "validate"),
    "INVALID_SPEAKER": ErrorKind("error", "client", 404, "validate"),
    "INVALID_EMOTION": ErrorKind("error", "client", 422, "validate"),
    "INVALID_PARAM": ErrorKind("error", "client", 422, "validate"),
    "REF_AUDIO_INVALID": ErrorKind("error", "client", 422, "validate"),
    "UNAUTHORIZED": ErrorKind("rejected", "client", 401, "admit"),
    "RATE_LIMITED": ErrorKind("rejected", "client", 429, "admit", retryable=True),
    "QUEUE_FULL": ErrorKind("rejected", "service", 503, "admit", retryable=True),
    "QUEUE_TIMEOUT": ErrorKind("timeout", "service", 503, "queue", retryable=True),
    "SYNTH_TIMEOUT": ErrorKind("timeout", "service", 504, "synth", retryable=True),
    "CANCELLED": ErrorKind("cancelled", "cancelled", 499, "deliver"),
    "OOM_GPU": ErrorKind("error", "service", 503, "synth", retryable=True),
    "OOM_HOST": ErrorKind("error", "service", 503, "synth", retryable=True),
    "CUDA_ERROR": ErrorKind("error", "service", 500, "synth", retryable=True),
    "ENGINE_UNAVAILABLE": ErrorKind("error", "service", 503, "load", retryable=True),
    "ENGINE_CRASH": ErrorKind("error", "service", 502, "synth", retryable=True),
    "BAD_OUTPUT": ErrorKind("error", "service", 502, "synth", retryable=True),
    "ENCODE_FAILED": ErrorKind("error", "service", 500, "encode"),
    "INTERNAL": ErrorKind("error", "service", 500, "synth"),
}

_HEAD = "ts writer_id seq"
#: The keys of each event in their order.
KEYS = {
    "tts.request": (
        f"{_HEAD} request_id trace_id instance app_version source client_hash session_hash hash_key_id experiment variant"
        " sample_weight status fault http_status error_code error_stage error_type warnings attempt engine engine_version"
        " model model_version vocoder precision device gpu_name gpu_uuid gpu_index worker worker_requests language speaker"
        " ref_cache_hit text_chars text_bytes text_han_chars text_digit_chars text_space_chars text_tokens tokenizer"
        " segments repeat repeat_age_seconds emotion emotion_mode emotion_intensity emotion_vector emotion_applied speed"
        " stream audio_seconds sample_rate_hz audio_bytes audio_format audio_rms_dbfs silence_ratio clipped_ratio"
        " queue_seconds synthesis_seconds encode_seconds first_audio_seconds total_seconds stage_seconds queue_depth"
        " in_flight cold_start cache_hit cpu_seconds rss_bytes gpu_seconds gpu_memory_peak_bytes gpu_memory_used_bytes"
        " gpu_memory_total_bytes gpu_utilization"
    ).split(),
    "tts.heartbeat": (
        f"{_HEAD} instance workers_configured workers_up in_flight queue_depth uptime_seconds requests sampled_out"
        " failed_writes rss_bytes gpus"
    ).split(),
    "tts.mark": f"{_HEAD} instance kind label".split(),
}
#: The keys of a request that no line may lack, with what they say where nothing is known; their types are these values'.
ALWAYS: dict[str, str | float | bool] = {
    "request_id": "", "instance": "", "app_version": "", "source": "api", "sample_weight": 1.0, "status": "ok",
    "fault": "none", "attempt": 1, "engine": "", "language": "und", "text_chars": 0, "text_bytes": 0,
    "emotion": "neutral", "emotion_mode": "none", "emotion_intensity": 0.0, "speed": 1.0, "stream": False,
    "total_seconds": 0.0, "queue_depth": 0, "in_flight": 1, "cold_start": False, "cache_hit": False,
}  # fmt: skip
_CLOSED = {"source": SOURCES, "emotion": EMOTION_LABELS, "emotion_mode": EMOTION_MODES}
# What only `SpeechLine.fail` and the log itself may say.
_OWN = {"ts", "writer_id", "seq", "status", "fault", "error_code", "error_stage", "error_type", "total_seconds"}

STAT_SECONDS = 1.0
#: The writer's thread looks every 20 ms for two seconds, then it waits.
LOOKS, LOOK_SECONDS = 100, 0.02
CLOSE_SECONDS = 5.0
BEAT_SECONDS = 30.0
#: Lines that may wait for the disk: some 20 MB of memory at the most.
MAX_WAITING = 10_000
_MAX_TEXT, _MAX_ITEMS, _SLACK = 200, 64, 1.01

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_OWN_KEY = re.compile(r"x_[A-Za-z0-9_]{1,62}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def timestamp(moment: datetime) -> str:
    """The aware `moment` as UTC RFC 3339 of fixed width: six decimals and `Z`."""
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds")[:26] + "Z"


def uuid7(unix_milliseconds: int, randomness: bytes) -> str:
    """A UUIDv7 (RFC 9562, 5.7) of the time and 10 random bytes."""
    value = bytearray((unix_milliseconds & (1 << 48) - 1).to_bytes(6, "big") + randomness[:10])
    value[6], value[8] = value[6] & 0x0F | 0x70, value[8] & 0x3F | 0x80
    text = value.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def request_id_of(given: str | None, moment: datetime) -> str:
    """The client's own id if it is 1-64 of `A-Za-z0-9._-`, else a new UUIDv7 of `moment`."""
    if given and _REQUEST_ID.fullmatch(given):
        return given
    return uuid7(int(moment.timestamp() * 1000), os.urandom(10))


def trace_id_of(traceparent: str | None) -> str | None:
    """The trace id of a W3C `traceparent` header, if it is a valid one."""
    found = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    return found[1] if found and set(found[1]) != {"0"} else None


class Hasher:
    """The first 16 hex digits of the HMAC-SHA256 of some parts: who lacks the key can't guess them back."""

    def __init__(self, key: bytes) -> None:
        # Copied for each hash: to set it up costs more than to use it.
        self._start = hmac.new(key, digestmod=hashlib.sha256)
        self.key_id = self.digest("key id")[:8]

    def digest(self, *parts: str | bytes) -> str:
        """16 hex digits of `parts`, names of clients or whole sounds."""
        found = self._start.copy()
        found.update(
            b"\x1f".join([part if isinstance(part, bytes) else part.encode("utf-8", "replace") for part in parts])
        )
        return found.hexdigest()[:16]


def text_figures(text: str) -> dict[str, int]:
    """The sizes of a text (as NFC, without white space around it) by key; `text_digit_chars` are of any script."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode()).strip()
    return {
        "text_chars": len(text),
        "text_bytes": len(text.encode()),
        "text_han_chars": len(_HAN.findall(text)),
        "text_digit_chars": sum(map(str.isdecimal, text)),
        "text_space_chars": sum(map(str.isspace, text)),
    }


def rss_bytes() -> int | None:
    """Resident memory of this process (proc(5): second number of statm, in pages); None where there is no /proc."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def is_new(state_file: str | os.PathLike[str], version: str) -> bool:
    """Whether `state_file` says another version than this one; it then says this one. False where it can't be kept."""
    with contextlib.suppress(OSError):
        with contextlib.suppress(FileNotFoundError), open(state_file, encoding="utf-8") as kept:
            if kept.read() == version:
                return False
        os.makedirs(os.path.dirname(os.path.abspath(state_file)), mode=0o700, exist_ok=True)
        with open(state_file, "w", encoding="utf-8") as kept:
            kept.write(version)
        return True
    return False


class LineFile:
    """Appends lines to a regular file: one write each on O_APPEND, from any thread, beside other processes.

    A thread of its own writes; a forked child becomes a writer of its own. At the end of the process what waits is
    written, for at most five seconds.

    Args:
        path: the file; its folder is made.
        render: the line, without newline, of an item, the writer's id and its number.
        writer_id: 32 hex digits, new for each start.
        clock: monotonic seconds.
        write: `os.write`, or what stands in for it.
        tell: gets one line when lines begin to be lost.

    `lock` guards what belongs to this process: a forked child has a new one.

    Raises:
        OSError: the file can't be opened at the start, or is no regular file (a pipe would hold up or lose the lines).
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        render: Callable[[Any, str, int], bytes],
        *,
        writer_id: str | None = None,
        clock: Clock = time.monotonic,
        write: Callable[[int, bytes], int] = os.write,
        tell: Tell = lambda _: None,
    ) -> None:
        self.path = os.fspath(path)
        self.writer_id = writer_id or uuid.uuid4().hex
        self.failed_writes = 0
        self.lock = threading.RLock()
        self._render, self._clock, self._write, self._tell = render, clock, write, tell
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._fd: int | None = None
        self._seq, self._end = 0, -1
        self._torn = self._failing = self._closed = False
        self._open()
        self._looked_at = clock()
        _files.add(self)
        atexit.register(self.close)

    def append(self, item: Any) -> bool:
        """Takes `item` for the next line and its number; False where the line is lost already. Never raises or waits."""
        with self.lock:
            self._seq += 1
            lost = self._closed or self._queue.qsize() >= MAX_WAITING or not self._started()
            if not lost:
                self._queue.put((item, self._seq))
        if lost:
            self._lose("the log is closed" if self._closed else "the file system doesn't answer")
        return not lost

    def flush(self, timeout: float = CLOSE_SECONDS) -> bool:
        """Waits until what was appended before is written or lost; False where that took longer than `timeout`."""
        if self._thread is None:
            return True
        done = threading.Event()
        self._queue.put(done)
        return done.wait(timeout)

    def close(self, timeout: float = CLOSE_SECONDS) -> None:
        """Writes what waits, for at most `timeout` seconds; what is left then, or comes later, counts as failed."""
        with self.lock:
            closed, self._closed = self._closed, True
        atexit.unregister(self.close)
        if closed:
            return
        if self._thread is None:
            self._shut()
            return
        self._queue.put(None)
        self._thread.join(timeout)
        if self._thread.is_alive():
            for _ in range(self._queue.qsize() - 1):
                self._lose("the file system doesn't answer")
        self._thread = None

    def restart(self) -> None:
        """Makes this a writer of its own in a forked child: what waits is its parent's."""
        self._shut()
        self.writer_id, self.failed_writes, self._looked_at = uuid.uuid4().hex, 0, -math.inf
        self.lock, self._queue, self._thread, self._seq = threading.RLock(), queue.SimpleQueue(), None, 0

    def _started(self) -> bool:
        if self._thread is None:
            thread = threading.Thread(target=self._run, args=(self._queue,), name="tts-line", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # no more threads, or the interpreter ends
                return False
            self._thread = thread
        return True

    def _run(self, waiting: queue.SimpleQueue[Any]) -> None:
        while (found := _next(waiting)) is not None:
            if isinstance(found, threading.Event):
                found.set()
                continue
            try:
                self._put(*found)
                self._failing = False
            except OSError as exc:
                self._lose(exc.strerror or str(exc))
            except Exception as exc:  # noqa: BLE001 - an item that can't be rendered costs its own line only
                self._lose(f"{type(exc).__name__} while a line was made")
        self._shut()

    def _put(self, item: Any, seq: int) -> None:
        line = self._render(item, self.writer_id, seq) + b"\n"
        self._follow_rotation()
        if self._fd is None:
            raise OSError("the file can't be opened")
        size = os.fstat(self._fd).st_size
        # A crash, a full disk or another process may have left half a line: this one must not be glued to it.
        torn = self._torn or (size != self._end and size > 0 and os.pread(self._fd, 1, size - 1) != b"\n")
        data = b"\n" + line if torn else line
        self._torn = True  # until the whole line is known to be there
        written = self._write(self._fd, data)
        if written != len(data):
            raise OSError(f"only {written} of {len(data)} bytes were written")
        self._torn, self._end = False, size + written

    def _lose(self, reason: str) -> None:
        with self.lock:
            self.failed_writes += 1
            first, self._failing = not self._failing, True
        if first:
            with contextlib.suppress(Exception):  # who is told must not cost the next line as well
                self._tell(f"log lines are being lost: {reason}")

    def _follow_rotation(self) -> None:
        """Opens the path anew if it names another file than the open one; looks at most once a second."""
        now = self._clock()
        if now - self._looked_at < STAT_SECONDS:
            return
        self._looked_at = now
        if self._fd is not None:
            opened = os.fstat(self._fd)
            with contextlib.suppress(FileNotFoundError):
                named = os.stat(self.path)
                if (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino):
                    return
            self._shut()
        self._open()

    def _open(self) -> None:
        os.makedirs(os.path.dirname(os.path.abspath(self.path)), exist_ok=True)
        # Not blocking, since opening a pipe would wait for a reader.
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        fd = os.open(self.path, flags, 0o644)
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise OSError("it is no regular file")
        self._fd, self._end, self._torn = fd, -1, False

    def _shut(self) -> None:
        # Forgotten before it is closed: a child forked in between must not write to a number that means another file.
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)


_files: weakref.WeakSet[LineFile] = weakref.WeakSet()


def _next(waiting: queue.SimpleQueue[Any]) -> Any:
    """The next of a queue. For a while it is looked for: waking a thread that waits costs who puts something there.

    Measured on two virtual processors: 250 µs of the request's thread, five times the rest of the line.
    """
    for _ in range(LOOKS):
        with contextlib.suppress(queue.Empty):
            return waiting.get_nowait()
        time.sleep(LOOK_SECONDS)
    return waiting.get()


def _restart_all() -> None:
    for file in list(_files):
        file.restart()


os.register_at_fork(after_in_child=_restart_all)


class SpeechLog:
    """The log of one server: a line for each request, heartbeats, marks. Safe in threads and in coroutines.

    Args:
        path: the log file; several processes may write to it.
        instance, app_version, engine: what every line says.
        hash_key: secret of at least 16 bytes that hashes clients; without it clients are counted anew at each start.
        tell: gets one line when lines begin to be lost.

    Raises:
        OSError: the file can't be opened at the start.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        instance: str,
        app_version: str,
        engine: str,
        hash_key: bytes | None = None,
        tell: Tell = lambda _: None,
        clock: Clock = time.perf_counter,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self.file = LineFile(path, render, tell=tell)
        self.requests = 0
        self.in_flight = 0
        self.clock, self.now = clock, now
        self._head = {"instance": instance, "app_version": app_version, "engine": engine}
        self._keyed = Hasher(hash_key or secrets.token_bytes(32))
        self._started_at = clock()
        self._stop = threading.Event()
        self._figures: Callable[[], dict[str, Any]] | None = None

    def hash(self, *parts: str | bytes) -> str:
        """16 hex digits that stand for `parts`, as `client_hash`; `"ref:" + log.hash(audio)` is a reference's `speaker`."""
        return self._keyed.digest(*parts)

    def request(
        self,
        source: str,
        *,
        client: str | None = None,
        session: str | None = None,
        request_id: str | None = None,
        traceparent: str | None = None,
        **figures: Any,
    ) -> SpeechLine:
        """The line of a request that is accepted now. Use it with `with`, or close it in a `finally`.

        `client` and `session` go into the line as hashes only; the headers X-Request-Id and traceparent may be given
        as they came. `source` is one of SOURCES.
        """
        moment = self.now()
        with self.file.lock:
            self.requests += 1
            self.in_flight += 1
            in_flight = self.in_flight
        facts = {
            **self._head,
            "ts": timestamp(moment),
            "request_id": request_id_of(request_id, moment),
            "trace_id": trace_id_of(traceparent),
            "source": source,
            "client_hash": self.hash("client", client) if client else None,
            "session_hash": self.hash("session", session) if session else None,
            "hash_key_id": self._keyed.key_id if client or session else None,
            "in_flight": in_flight,
        }
        line = SpeechLine(self, facts)
        line.note(**figures)
        return line

    def closed(self, facts: dict[str, Any]) -> None:
        """Takes what a line knows at its end."""
        with self.file.lock:
            self.in_flight -= 1
        self.file.append(("tts.request", facts))

    def heartbeat(self, **figures: Any) -> None:
        """A sign of life; give what you know of workers_configured, workers_up, queue_depth and gpus."""
        own = {
            "in_flight": self.in_flight,
            "requests": self.requests,
            "sampled_out": 0,
            "failed_writes": self.file.failed_writes,
            "uptime_seconds": round(self.clock() - self._started_at, 3),
            "rss_bytes": rss_bytes(),
        }
        self._small("tts.heartbeat", {**figures, **own})

    def beat(self, figures: Callable[[], dict[str, Any]] = dict, every_seconds: float = BEAT_SECONDS) -> None:
        """Starts a thread that writes a heartbeat with `figures()` now and at each interval; `close` writes the last."""
        self._figures = figures
        threading.Thread(target=self._live, args=(every_seconds,), name="tts-line-beat", daemon=True).start()

    def mark(self, label: str, kind: str = "note") -> None:
        """Something to draw on trends; `kind` is one of MARK_KINDS."""
        self._small("tts.mark", {"kind": kind if kind in MARK_KINDS else "note", "label": str(label)})

    def release(self, state_file: str | os.PathLike[str]) -> None:
        """Marks a release where this version runs for the first time; `state_file` remembers the last one."""
        if is_new(state_file, self._head["app_version"]):
            self.mark(self._head["app_version"], "release")

    def close(self, timeout: float = CLOSE_SECONDS) -> None:
        """Writes a last heartbeat, if any were written, and what waits, for at most `timeout` seconds."""
        if not self._stop.is_set():
            self._stop.set()
            self._beat()
            self.file.close(timeout)

    def _live(self, every_seconds: float) -> None:
        while True:
            self._beat()
            if self._stop.wait(every_seconds):
                return

    def _beat(self) -> None:
        if self._figures is not None:
            figures = {}
            with contextlib.suppress(Exception):  # silence would say that the service is down
                figures = self._figures()
            self.heartbeat(**figures)

    def _small(self, event: str, facts: dict[str, Any]) -> None:
        facts = {key: plain(value) for key, value in facts.items() if key not in _OWN}
        self.file.append((event, {**facts, "ts": timestamp(self.now()), "instance": self._head["instance"]}))


class SpeechLine:
    """The line of one request in the making; it is written once, when it is closed."""

    def __init__(self, log: SpeechLog, facts: dict[str, Any]) -> None:
        self.request_id = str(facts["request_id"])
        self._log = log
        self._facts = facts
        self._accepted = log.clock()
        self._open = True

    def __enter__(self) -> SpeechLine:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is not None:
            self.fail(code_of(error), error)
        self.close()

    def note(self, **figures: Any) -> None:
        """Sets keys of the line; one that is no key of version 1 is left out unless it begins with `x_`. Never text!"""
        self._facts.update({key: value for key, value in figures.items() if key not in _OWN})

    def text(self, text: str) -> None:
        """Notes the sizes of the text; the text itself is not kept."""
        self.note(**text_figures(text))

    def warn(self, warning: str) -> None:
        """Adds a warning, such as `clipped`."""
        self.note(warnings=[*(self._facts.get("warnings") or ()), warning])

    @contextlib.contextmanager
    def timing(self, key: str) -> Iterator[None]:
        """Notes how long the block takes, also where it fails, as `queue_seconds`, `synthesis_seconds` or another key."""
        start = self._log.clock()
        try:
            yield
        finally:
            self._facts[key] = round(self._log.clock() - start, 6)

    def first_audio(self) -> None:
        """The first piece of sound, and not of silence, has been handed to the client just now."""
        self._facts.setdefault("first_audio_seconds", round(self._log.clock() - self._accepted, 6))

    def fail(self, code: str, error: BaseException | None = None, stage: str | None = None) -> None:
        """The request ends with one of ERRORS; the first failure stays. Of `error` only the class is kept."""
        if "error_code" not in self._facts:
            code = code if code in ERRORS else "INTERNAL"
            kind = ERRORS[code]
            self._facts.setdefault("http_status", kind.http_status)
            self._facts.update(
                status=kind.status,
                fault=kind.fault,
                error_code=code,
                error_stage=stage if stage in STAGES else kind.stage,
                error_type=type(error).__name__[:64] if error is not None else None,
            )

    def close(self) -> None:
        """Writes the line. An answer without audio, that is no cache hit, is a failure: BAD_OUTPUT."""
        if not self._open:
            return
        self._open = False
        self._facts["total_seconds"] = round(self._log.clock() - self._accepted, 6)
        facts = lawful({key: plain(value) for key, value in self._facts.items()})
        if "error_code" not in facts and not (facts["cache_hit"] or _number(facts.get("audio_seconds")) > 0):
            self.fail("BAD_OUTPUT")
            facts = lawful({key: plain(value) for key, value in self._facts.items()})
        self._log.closed(facts)


def code_of(error: BaseException) -> str:
    """The code of ERRORS that stands for an exception: its own `code` if it has one, else by its class."""
    code = getattr(error, "code", None)
    if isinstance(code, str) and code in ERRORS:
        return code
    if isinstance(error, MemoryError):
        return "OOM_HOST"
    gone = isinstance(error, (ConnectionError, GeneratorExit, KeyboardInterrupt, SystemExit))
    return "CANCELLED" if gone or type(error).__name__ == "CancelledError" else "INTERNAL"


def plain(value: Any, depth: int = 3) -> Any:
    """`value` as JSON holds it; None for what it can't hold, such as NaN. Texts are cut and lose control characters."""
    if isinstance(value, str):
        return _CONTROL.sub("", value)[:_MAX_TEXT]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict) and depth:
        items = {plain(str(key)): plain(item, depth - 1) for key, item in list(value.items())[:_MAX_ITEMS]}
        return {key: item for key, item in items.items() if item is not None}
    if isinstance(value, (list, tuple)) and depth:
        listed = [plain(item, depth - 1) for item in value[:_MAX_ITEMS]]
        return None if None in listed else listed
    with contextlib.suppress(Exception):  # a scalar of numpy or torch
        return plain(value.item(), 0) if depth else None
    return None


def lawful(facts: dict[str, Any]) -> dict[str, Any]:
    """A request's plain facts so that its line keeps its types and laws; figures that contradict each other are null."""
    facts = {key: value for key, value in facts.items() if value is not None}
    for key, default in ALWAYS.items():
        facts[key] = _of_type(facts.get(key, default), default)
    for key, allowed in _CLOSED.items():
        facts[key] = facts[key] if facts[key] in allowed else ALWAYS[key]
    busy = _number(facts.get("queue_seconds")) + _number(facts.get("synthesis_seconds"))
    if facts["cache_hit"] or busy > facts["total_seconds"] * _SLACK:
        facts.pop("queue_seconds", None)
        facts.pop("synthesis_seconds", None)
    stages = facts.pop("stage_seconds", None)
    synthesis = _number(facts.get("synthesis_seconds"))
    if isinstance(stages, dict) and sum(map(_number, stages.values())) <= synthesis * _SLACK:
        facts["stage_seconds"] = stages
    vector = facts.pop("emotion_vector", None)
    if isinstance(vector, list) and len(vector) == len(EMOTIONS):
        facts["emotion_vector"] = vector
    facts["emotion_intensity"] = min(max(facts["emotion_intensity"], 0.0), 1.0)
    facts["text_bytes"] = max(facts["text_bytes"], facts["text_chars"])
    return facts


def render(item: tuple[str, dict[str, Any]], writer_id: str, seq: int) -> bytes:
    """The JSON text of an event and its facts, keys in their order, null keys left out; then keys that begin with x_."""
    event, facts = item
    facts = {**facts, "writer_id": writer_id, "seq": seq}
    line: dict[str, Any] = {"v": VERSION, "event": event}
    for key in (*KEYS[event], *sorted(filter(_OWN_KEY.fullmatch, facts))):
        if facts.get(key) is not None:
            line[key] = facts[key]
    return json.dumps(line, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


def _of_type(value: Any, default: str | float | bool) -> Any:
    if isinstance(value, type(default)) and isinstance(value, bool) == isinstance(default, bool):
        return value
    if isinstance(value, (str, bool)) or isinstance(default, (str, bool)):
        return default
    try:
        found = plain(type(default)(value))
    except (TypeError, ValueError):
        return default
    return default if found is None else found


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0
