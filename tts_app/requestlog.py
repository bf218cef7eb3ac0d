"""One `tts.request` event for each request, whatever becomes of it.

`RequestLog.open` when a request is accepted, `RequestLine.note` as figures become known, `RequestLine.close` in a `finally`.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tts_app.errors import RequestFailed
from tts_app.eventlog import EventLog
from tts_app.events import ERRORS, RequestEvent, timestamp, uuid7
from tts_app.identity import Hasher

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


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


class RequestLog:
    """Opens a line for each request and counts them.

    Args:
        log: where the lines go.
        service: what every line says.
        hasher: makes hashes of clients.
        waiting: how many requests wait for a worker now.
        clock: monotonic seconds.
        now: the wall clock, aware.
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
    ) -> None:
        self.log = log
        self.service = service
        self.requests = 0
        self.in_flight = 0
        self.clock = clock
        self.now = now
        self._hasher = hasher
        self._waiting = waiting

    def open(self, caller: Caller) -> RequestLine:
        """A line for a request that is accepted now."""
        self.requests += 1
        self.in_flight += 1
        moment = self.now()
        given = caller.request_id or ""
        trace = TRACEPARENT.fullmatch(caller.traceparent or "")
        event = RequestEvent(
            ts=timestamp(moment),
            request_id=given if REQUEST_ID.fullmatch(given) else self._new_id(moment),
            trace_id=trace[1] if trace and set(trace[1]) != {"0"} else None,
            instance=self.service.instance,
            app_version=self.service.app_version,
            source=caller.source,
            client_hash=self._hash("client", caller.client),
            session_hash=self._hash("session", caller.session),
            hash_key_id=self._hasher.key_id if caller.client or caller.session else None,
            status="ok",
            fault="none",
            engine=self.service.engine,
            total_seconds=0.0,
            queue_depth=self._waiting(),
            in_flight=self.in_flight,
        )
        return RequestLine(self, event)

    def closed(self, event: RequestEvent) -> None:
        """Takes the finished event of a line."""
        self.in_flight -= 1
        self.log.append(event)

    def _hash(self, kind: str, value: str | None) -> str | None:
        return self._hasher.digest(kind, value) if value else None

    def _new_id(self, moment: datetime) -> str:
        return uuid7(int(moment.timestamp() * 1000), secrets.token_bytes(10))


class RequestLine:
    """The event of one request in the making. `stage` is where the request is, for errors that don't say it."""

    def __init__(self, requests: RequestLog, event: RequestEvent) -> None:
        self.stage = "validate"
        self._requests = requests
        self._event = event
        self._accepted = requests.clock()
        self._open = True
        self._audio_follows = False

    @property
    def request_id(self) -> str:
        """What the answer's X-Request-Id says."""
        return self._event.request_id

    @property
    def code(self) -> str | None:
        """The error code so far."""
        return self._event.error_code

    @property
    def event(self) -> RequestEvent:
        """What is known so far."""
        return self._event

    @property
    def elapsed_seconds(self) -> float:
        """Since the request was accepted."""
        return self._requests.clock() - self._accepted

    def note(self, **facts: Any) -> None:
        """Sets keys of the event."""
        self._event = replace(self._event, **facts)

    def warn(self, warning: str) -> None:
        """Adds one of `events.WARNINGS`."""
        self.note(warnings=(*(self._event.warnings or ()), warning))

    def audio_follows(self) -> None:
        """What is handed over next to the client is the audio itself, and not a link to it."""
        self._audio_follows = True

    def handed_over(self) -> None:
        """The first piece of the answer has gone out just now."""
        if self._audio_follows and self._event.first_audio_seconds is None:
            self.note(first_audio_seconds=round(self.elapsed_seconds, 6))

    def fail(self, error: BaseException) -> str:
        """The request ends with `error`; returns its code. The error that came first stays."""
        code = code_of(error)
        kind = ERRORS[code]
        if self._event.status == "ok":
            own_stage = code in ("CANCELLED", "INTERNAL")
            cause = error.__cause__ if isinstance(error, RequestFailed) else error
            self.note(
                status=kind.status,
                fault=kind.fault,
                error_code=code,
                error_stage=self.stage if own_stage else kind.stage,
                error_type=type(cause).__name__[:64] if cause is not None else None,
            )
        return code

    def close(self) -> RequestEvent:
        """Writes the line, once: a second call changes nothing."""
        if self._open:
            self._open = False
            self.note(total_seconds=round(self.elapsed_seconds, 6))
            self._requests.closed(self._event)
        return self._event


def code_of(error: BaseException) -> str:
    """The code of `events.ERRORS` that stands for `error`."""
    if isinstance(error, RequestFailed):
        return error.code
    return "CANCELLED" if isinstance(error, asyncio.CancelledError) else "INTERNAL"
