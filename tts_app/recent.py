"""The last 24 hours as the page shows them: counted in memory from every finished request, and from the log's end at a start.

No text and nothing of a client is kept: what a request was, what became of it, and how long it took.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from tts_app.events import RequestEvent

DAY_SECONDS = 86_400.0
HOUR_SECONDS = 3600
# Read at a start: some 4,000 requests, in some 40 ms.
TAIL_BYTES = 4 * 2**20
# Some 6 MB of memory at the most.
MAX_KEPT = 20_000
# Fewer than this say nothing about the next request.
ENOUGH = 3


class Seen(NamedTuple):
    """What is kept of one request: the line's own keys, and `at`, seconds since 1970 when it was accepted."""

    at: float
    status: str
    engine: str
    language: str
    emotion: str
    total_seconds: float
    error_code: str | None = None
    text_chars: int = 0
    text_tokens: int | None = None
    audio_seconds: float | None = None
    synthesis_seconds: float | None = None
    first_audio_seconds: float | None = None
    speed: float = 1.0
    sample_weight: float = 1.0

    @property
    def wait_seconds(self) -> float:
        """Until the first sound, or until all of it where that is not known."""
        return self.total_seconds if self.first_audio_seconds is None else self.first_audio_seconds


_KEYS = Seen._fields[1:]
_values = attrgetter(*_KEYS)
_NAMES = ("status", "engine", "language", "emotion")


class Recent:
    """Keeps the requests of the last day.

    Args:
        now: seconds since 1970.
        most: how many.
    """

    def __init__(self, now: Callable[[], float] = time.time, most: int = MAX_KEPT) -> None:
        self._now = now
        self._since = now()
        self._seen: deque[Seen] = deque(maxlen=most)

    def add(self, event: RequestEvent) -> None:
        """Takes a finished request."""
        self._seen.append(Seen(self._now() - event.total_seconds, *_values(event)))

    def read_back(self, path: Path) -> None:
        """Takes the requests at the end of the log `path`, from before this start; what can't be read is left out."""
        with contextlib.suppress(OSError):
            before = list(_tail(path))
            self._seen.extendleft(reversed(before))
            self._since = min([self._since, *(seen.at for seen in before)])

    def requests(self) -> list[Seen]:
        """Those of the last day."""
        start = self._now() - DAY_SECONDS
        # A copy in one step: this may be asked from another thread than the one that adds.
        return [seen for seen in list(self._seen) if seen.at >= start]

    def summary(self) -> dict[str, Any]:
        """Counts, success, P50 and P95 of the wait; by engine, emotion and hour; errors by code; since when; and the pace."""
        requests, now = self.requests(), self._now()
        full = len(self._seen) == self._seen.maxlen
        since = max(self._seen[0].at if full else self._since, now - DAY_SECONDS)
        return {
            "since": _iso(since),
            "now": _iso(now),
            "all": group("", requests),
            "engines": _groups(requests, lambda seen: seen.engine),
            "emotions": _groups(requests, lambda seen: seen.emotion),
            "errors": _errors(requests),
            "hours": _hours(requests, now),
            "pace": pace(requests),
        }


def group(name: str, requests: list[Seen]) -> dict[str, Any]:
    """The figures of some requests: how many, which part (0-1) went well, and P50 and P95 of the wait in seconds."""
    spoken = [seen for seen in requests if seen.status == "ok"]
    number = sum(seen.sample_weight for seen in requests)
    waits = sorted(seen.wait_seconds for seen in spoken)
    return {
        "name": name,
        "requests": round(number),
        "success": sum(seen.sample_weight for seen in spoken) / number if number else None,
        "p50": percentile(waits, 0.5),
        "p95": percentile(waits, 0.95),
    }


def percentile(ordered: list[float], part: float) -> float | None:
    """Between the two values that stand around `part` (0-1) of `ordered`; None of nothing."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * part
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def pace(requests: list[Seen]) -> dict[str, Any]:
    """For each engine its median RTF and time beyond that, and for each language characters a second and tokens a character.

    From what was spoken at any speed, brought to speed 1.
    """
    found: dict[str, Any] = {}
    spoken = [seen for seen in requests if seen.status == "ok" and seen.audio_seconds and seen.text_chars]
    for engine, its in _by(spoken, lambda seen: seen.engine).items():
        rtf = _median([(seen.synthesis_seconds or 0.0) / (seen.audio_seconds or 1.0) for seen in its])
        languages = {}
        for language, of_language in _by(its, lambda seen: seen.language).items():
            chars = _median([seen.text_chars / (seen.audio_seconds or 1.0) / seen.speed for seen in of_language])
            tokens = _median([seen.text_tokens / seen.text_chars for seen in of_language if seen.text_tokens])
            languages[language] = {"chars_a_second": chars, "tokens_a_char": tokens}
        found[engine] = {"rtf": rtf, "languages": languages}
    return found


def _median(values: list[float]) -> float | None:
    return percentile(sorted(values), 0.5) if len(values) >= ENOUGH else None


def _groups(requests: list[Seen], key: Callable[[Seen], str]) -> list[dict[str, Any]]:
    found = [group(name, its) for name, its in _by(requests, key).items()]
    return sorted(found, key=lambda its: (-its["requests"], its["name"]))


def _by(requests: list[Seen], key: Callable[[Seen], str]) -> dict[str, list[Seen]]:
    found: dict[str, list[Seen]] = {}
    for seen in requests:
        found.setdefault(key(seen), []).append(seen)
    return found


def _errors(requests: list[Seen]) -> list[dict[str, Any]]:
    counts: Counter[str] = Counter(seen.error_code for seen in requests if seen.error_code)
    return [{"code": code, "requests": number} for code, number in counts.most_common()]


def _hours(requests: list[Seen], now: float) -> list[dict[str, Any]]:
    """24 hours of the clock, the running one last: its start, what went well and what did not."""
    last = int(now // HOUR_SECONDS)
    well = Counter(int(seen.at // HOUR_SECONDS) for seen in requests if seen.status == "ok")
    every = Counter(int(seen.at // HOUR_SECONDS) for seen in requests)
    hours = range(last - 23, last + 1)
    return [
        {"start": _iso(hour * HOUR_SECONDS), "ok": well[hour], "failed": every[hour] - well[hour]} for hour in hours
    ]


def _tail(path: Path) -> Iterable[Seen]:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL_BYTES))
        rows = file.read(TAIL_BYTES).split(b"\n")
    # The first may be the rest of a line, which is no JSON.
    for row in rows:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            line = json.loads(row)
            if line["event"] == RequestEvent.EVENT:
                yield _checked(Seen(at=_moment(line["ts"]), **{key: line[key] for key in _KEYS if key in line}))


def _checked(seen: Seen) -> Seen:
    """A line may have been written by anybody: names are short texts, figures are numbers."""
    names = [getattr(seen, name) for name in _NAMES]
    numbers = [seen.total_seconds, seen.text_chars, seen.speed, seen.sample_weight, seen.wait_seconds]
    optional = [seen.text_tokens, seen.audio_seconds, seen.synthesis_seconds]
    if not all(isinstance(name, str) and len(name) <= 64 for name in names):
        raise TypeError
    if not all(isinstance(number, (int, float)) for number in [*numbers, *(it for it in optional if it is not None)]):
        raise TypeError
    if not isinstance(seen.error_code, (str, type(None))) or seen.speed <= 0:
        raise TypeError
    return seen


def _moment(ts: str) -> float:
    return datetime.fromisoformat(ts).timestamp()


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
