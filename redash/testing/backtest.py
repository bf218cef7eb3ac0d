"""How often alerts would have fired: their queries asked as of each moment at which their schedule would have run them.

What is asked is what the tables hold now: a line that came late is seen as if it had come in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from redash.data.database import Reading, Value
from redash.errors import QueryFailed
from redash.specs.alerts import Alert
from redash.specs.spec import Pack
from redash.testing.clock import Clocked, clocked, words_of
from redash.testing.states import Memory, told, verdict

#: Tables whose rows are changed in place: of the past they know nothing.
PRESENT_ONLY = ("ingest_source", "ingest_stream")
_NIGHT_ENDS_HOUR = 6
_HOLIDAYS = "SELECT local_at, label FROM tts_mark WHERE kind = 'holiday' ORDER BY local_at"


@dataclass(frozen=True, slots=True)
class Period:
    """The past that is gone through, in UTC; `step` is the longest pause between two looks, None as the schedules say."""

    begin: datetime
    end: datetime
    step: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """One time without a break in which an alert fired, in the report time zone; `ended_at` is None for one that lasts.

    `night`: it began before six in the morning; `holiday`: the label of the day's holiday mark, else empty.
    """

    began_at: str
    ended_at: str | None
    seconds: float
    worst: Value
    night: bool
    holiday: str


@dataclass(frozen=True, slots=True)
class History:
    """What an alert would have done; `note` says why nothing is known of it."""

    alert: str
    looks: int = 0
    step_seconds: float = 0
    messages: int = 0
    unknown: int = 0
    fired_seconds: float = 0
    episodes: tuple[Episode, ...] = ()
    note: str = ""

    @property
    def longest_seconds(self) -> float:
        """The length of the longest episode."""
        return max((episode.seconds for episode in self.episodes), default=0)

    def as_json(self) -> dict[str, Any]:
        """The history as a JSON object."""
        return {**asdict(self), "episodes": [asdict(episode) for episode in self.episodes]}


@dataclass(frozen=True, slots=True)
class _Look:
    """One evaluation: when, the state (one that was stuck repeats the last), the value, and whether a message went out."""

    at: datetime
    state: str
    value: Value
    message: bool


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The report time zone and its holidays, by date."""

    zone: ZoneInfo
    holidays: Mapping[str, str]

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone).replace(tzinfo=None)


def backtest(
    reading: Reading, pack: Pack, slugs: list[str], period: Period, on_alert: Callable[[str], None]
) -> list[History]:
    """A history for each of the alerts; `on_alert` is told before each. A query that fails is a note."""
    calendar = _Calendar(ZoneInfo(reading.report_timezone()), _holidays(reading))
    found = []
    for slug in slugs:
        on_alert(slug)
        try:
            found.append(_history(reading, pack, slug, period, calendar))
        except QueryFailed as error:
            found.append(History(slug, note=str(error)))
    return found


def _history(reading: Reading, pack: Pack, slug: str, period: Period, calendar: _Calendar) -> History:
    alert = pack.alerts[slug].spec
    query = pack.queries[alert.query]
    if query.head.schedule is None:
        return History(slug, note="its query has no schedule: nothing ever looks")
    text = query.sql[reading.dialect].text
    blind = [table for table in PRESENT_ONLY if table in words_of(text, reading.dialect)]
    if blind:
        return History(slug, note=f"reads {', '.join(blind)}, which knows the present only")
    timed = clocked(text, reading.dialect)
    if not timed.reads_the_clock:
        return History(slug, note="reads no clock: it says the same of each moment")
    step = max(timedelta(seconds=query.head.schedule.interval_seconds), period.step or timedelta())
    looks = list(_looks(reading, alert, timed, period, step))
    episodes = tuple(_episodes(looks, alert, step, calendar))
    return History(
        slug,
        len(looks),
        step.total_seconds(),
        sum(look.message for look in looks),
        sum(look.state == "unknown" for look in looks),
        sum(episode.seconds for episode in episodes),
        episodes,
    )


def _looks(reading: Reading, alert: Alert, timed: Clocked, period: Period, step: timedelta) -> Iterator[_Look]:
    memory, at = Memory(), period.begin
    while at <= period.end:
        found = verdict(alert, reading.run(timed.at(at)))
        memory, message = told(memory, found, at, alert.rearm_seconds)
        yield _Look(at, memory.state, found.value, message)
        at += step


def _episodes(looks: list[_Look], alert: Alert, step: timedelta, calendar: _Calendar) -> Iterator[Episode]:
    begun: list[_Look] = []
    for look in looks:
        if look.state == "triggered":
            begun.append(look)
        elif begun:
            yield _episode(begun, look.at, calendar, alert, lasts=False)
            begun = []
    if begun:
        yield _episode(begun, begun[-1].at + step, calendar, alert, lasts=True)


def _episode(looks: list[_Look], end: datetime, calendar: _Calendar, alert: Alert, *, lasts: bool) -> Episode:
    begin = calendar.local(looks[0].at)
    values = [look.value for look in looks if isinstance(look.value, int | float)]
    worst = (min if alert.op in ("<", "<=") else max)(values) if values else looks[0].value
    return Episode(
        begin.isoformat(timespec="seconds"),
        None if lasts else calendar.local(end).isoformat(timespec="seconds"),
        (end - looks[0].at).total_seconds(),
        worst,
        begin.hour < _NIGHT_ENDS_HOUR,
        calendar.holidays.get(begin.date().isoformat(), ""),
    )


def _holidays(reading: Reading) -> dict[str, str]:
    return {str(local_at)[:10]: str(label or "holiday") for local_at, label in reading.run(_HOLIDAYS).rows}


def period_before(end: datetime | None, length: timedelta, step: timedelta | None) -> Period:
    """The time of `length` before a moment in UTC, by default the present."""
    last = (end or datetime.now(UTC)).replace(microsecond=0)
    return Period(last - length, last, step)
