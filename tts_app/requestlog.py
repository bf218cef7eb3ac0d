"""One `tts.request` event for each request, whatever becomes of it.

`RequestLog.open` when a request is accepted, `RequestLine.note` as figures become known, `RequestLine.close` in a `finally`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from tts_app.errors import RequestFailed
from tts_app.eventlog import EventLog
from tts_app.events import ERRORS, RequestEvent, timestamp
from tts_app.identity import Hasher
from tts_app.tts_line import request_id_of, trace_id_of

_KEYS = frozenset(field.name for field in dataclasses.fields(RequestEvent))


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, in the clear: lives as long as the request and goes into the line only as hashes."""

    source: str
    client: str | None = None
    session: str | None = None
    request_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What is the same in every line of this start."""

    instance: str
    app_version: str
    engine: str


class Gpus(Protocol):
    """What is known of the GPUs: `tts_app.gpu.GpuSampler`, or what stands in for it."""

    def during(self, start: float, end: float, uuid: str | None, index: int | None) -> dict[str, Any]:
        """Keys of the line about the GPU of a request that ran from `start` to `end`."""


class NoGpus:
    """A machine without."""

    def during(self, start: float, end: float, uuid: str | None, index: int | None) -> dict[str, Any]:
        """Nothing is known."""
        return {}


class Sample:
    """Which ok-requests get a line: 1 of `every`, drawn by `choose` (0 ≤ x < 1); all of them where that is 1."""

    def __init__(self, every: int = 1, choose: Callable[[], float] = random.random) -> None:
        self.out = 0
        self._every = every
        self._choose = choose

    def weighted(self, event: RequestEvent) -> RequestEvent | None:
        """The event with the number of requests that it stands for, or None where it is left out and counted."""
        if self._every == 1 or event.status != "ok":
            return event
        if self._choose() * self._every >= 1:
            self.out += 1
            return None
        return replace(event, sample_weight=float(self._every))


class RequestLog:
    """Opens a line for each request and counts them.

    Args:
        log: where the lines go.
        service: what every line says.
        hasher: makes hashes of clients.
        waiting: how many requests wait for a worker now.
        clock: monotonic seconds.
        now: the wall clock, aware.
        sample: which ok-requests get a line.
        gpus: samples of the GPUs, on the same clock.
        seen: gets every finished event, also of requests that get no line.
    """

    def __init__(
        self,
        log: EventLog,
        service: Service,
        hasher: Hasher,
        *,
        waiting: Callable[[], int],
        clock: Callable[[], float],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sample: Sample | None = None,
        gpus: Gpus | None = None,
        seen: Callable[[RequestEvent], object] = lambda _: None,
    ) -> None:
        self.log = log
        self.service = service
        self.requests = 0
        self.in_flight = 0
        self.clock = clock
        self.now = now
        self.sample = sample or Sample()
        self.gpus = gpus or NoGpus()
        self._seen = seen
        self._hasher = hasher
        self._waiting = waiting

    def open(self, caller: Caller) -> RequestLine:
        """A line for a request that is accepted now."""
        self.requests += 1
        self.in_flight += 1
        moment = self.now()
        facts = {
            "ts": timestamp(moment),
            "request_id": request_id_of(caller.request_id, moment),
            "trace_id": trace_id_of(caller.traceparent),
            "instance": self.service.instance,
            "app_version": self.service.app_version,
            "source": caller.source,
            "client_hash": self._hash("client", caller.client),
            "session_hash": self._hash("session", caller.session),
            "hash_key_id": self._hasher.key_id if caller.client or caller.session else None,
            "engine": self.service.engine,
            "queue_depth": self._waiting(),
            "in_flight": self.in_flight,
        }
        return RequestLine(self, facts)

    def closed(self, event: RequestEvent) -> None:
        """Takes the finished event of a line."""
        self.in_flight -= 1
        self._seen(event)
        logged = self.sample.weighted(event)
        if logged is not None:
            self.log.append(logged)

    def _hash(self, kind: str, value: str | None) -> str | None:
        return self._hasher.digest(kind, value) if value else None


class RequestLine:
    """The event of one request in the making. `stage` is where the request is, for errors that don't say it."""

    def __init__(self, requests: RequestLog, facts: dict[str, Any]) -> None:
        self.stage = "validate"
        self._requests = requests
        self._facts = {"status": "ok", "fault": "none", **facts}
        self._accepted = requests.clock()
        self._event: RequestEvent | None = None
        self._audio_follows = False

    @property
    def request_id(self) -> str:
        """What the answer's X-Request-Id says."""
        return str(self._facts["request_id"])

    @property
    def code(self) -> str | None:
        """The error code so far."""
        return self._facts.get("error_code")

    @property
    def event(self) -> RequestEvent:
        """What is known so far; the total is that up to now."""
        return self._event or RequestEvent(**{**self._facts, "total_seconds": round(self.elapsed_seconds, 6)})

    @property
    def elapsed_seconds(self) -> float:
        """Since the request was accepted."""
        return self._requests.clock() - self._accepted

    def note(self, **facts: Any) -> None:
        """Sets keys of the event.

        Raises:
            TypeError: the event has no such key.
        """
        if not _KEYS.issuperset(facts):
            raise TypeError(f"a line has no {', '.join(sorted(facts.keys() - _KEYS))}")
        self._facts.update(facts)

    def warn(self, warning: str) -> None:
        """Adds one of `events.WARNINGS`; the same one again changes nothing."""
        known = self._facts.get("warnings") or ()
        if warning not in known:
            self._facts["warnings"] = (*known, warning)

    def audio_follows(self) -> None:
        """What is handed over next to the client is audio that can be heard: no link to it, and no silence before it."""
        self._audio_follows = True

    def handed_over(self) -> None:
        """A piece of the answer has gone out just now."""
        if self._audio_follows and "first_audio_seconds" not in self._facts:
            self._facts["first_audio_seconds"] = round(self.elapsed_seconds, 6)

    def fail(self, error: BaseException) -> str:
        """The request ends with `error`; returns its code. The error that came first stays."""
        code = code_of(error)
        kind = ERRORS[code]
        if self._facts["status"] == "ok":
            own_stage = code in ("CANCELLED", "INTERNAL")
            cause = error.__cause__ if isinstance(error, RequestFailed) else error
            self._facts.update(
                status=kind.status,
                fault=kind.fault,
                error_code=code,
                error_stage=self.stage if own_stage else kind.stage,
                error_type=type(cause).__name__[:64] if cause is not None else None,
            )
        return code

    def close(self) -> RequestEvent:
        """Writes the line, once: a second call changes nothing."""
        if self._event is None:
            end = self._requests.clock()
            self._facts["total_seconds"] = round(end - self._accepted, 6)
            self._note_gpu(end)
            self._event = RequestEvent(**self._facts)
            self._requests.closed(self._event)
        return self._event

    def _note_gpu(self, end: float) -> None:
        facts = self._facts
        if (facts.get("device") or "").startswith("cuda"):
            found = self._requests.gpus.during(self._accepted, end, facts.get("gpu_uuid"), facts.get("gpu_index"))
            facts.update({key: value for key, value in found.items() if facts.get(key) is None})


def code_of(error: BaseException) -> str:
    """The code of `events.ERRORS` that stands for `error`."""
    if isinstance(error, RequestFailed):
        return error.code
    return "CANCELLED" if isinstance(error, asyncio.CancelledError) else "INTERNAL"
