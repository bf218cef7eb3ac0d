"""Moments as the log writes them: UTC text to the report time zone, local text of older lines to UTC. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

#: Moments outside are suspect. Constants: no clock takes part (etl.md, D9).
FIRST_YEAR: Final = "2020"
YEAR_AFTER_LAST: Final = "2100"

_SECONDS = re.compile(r":[0-5]\d\.\d{6}Z", re.ASCII)
_MINUTE = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_MINUTES_KEPT = 100_000


class LocalTime:
    """Turns `ts` texts into the local time of one zone.

    A zone's offset is a whole number of minutes since 1972, so one conversion serves all of a minute.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._minutes: dict[str, str | None] = {}

    def of(self, ts: str) -> str | None:
        """`YYYY-MM-DDTHH:MM:SS.ffffffZ` as local `YYYY-MM-DDTHH:MM:SS.ffffff`; None if it isn't of that very form."""
        minute = ts[:16]
        local = self._minutes.get(minute)
        if local is None:
            local = self._remember(minute)
        if local is None or _SECONDS.fullmatch(ts, 16) is None:
            return None
        return local + ts[16:26]

    def _remember(self, minute: str) -> str | None:
        if _MINUTE.fullmatch(minute) is None:
            return None
        try:
            utc = datetime.fromisoformat(minute).replace(tzinfo=UTC)
            local = utc.astimezone(self._zone).strftime("%Y-%m-%dT%H:%M")
        except (ValueError, OverflowError):
            return None
        if len(self._minutes) >= _MINUTES_KEPT:
            self._minutes.clear()
        self._minutes[minute] = local
        return local


def is_suspect(ts: str) -> bool:
    """Whether a year lies outside of 2020 … 2099."""
    return not FIRST_YEAR <= ts[:4] < YEAR_AFTER_LAST


def utc_text(moment: datetime) -> str:
    """An aware moment as `YYYY-MM-DDTHH:MM:SS.ffffffZ`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def utc_of_local(day: str, time: str, zone: ZoneInfo) -> str | None:
    """The UTC text of a local `YYYY-MM-DD` and `HH:MM:SS[.ffffff]`; None if there is no such day or time.

    Of an hour that comes twice the first is meant; a time that a clock change leaves out is read by the offset before.
    """
    try:
        local = datetime.fromisoformat(f"{day}T{time}")
    except ValueError:
        return None
    if local.tzinfo is not None or local.hour > 23:
        return None
    try:
        return utc_text(local.replace(tzinfo=zone))
    except OverflowError:
        return None


def text_after(moment: datetime, ahead: timedelta) -> str:
    """The text that sorts before every `ts` more than `ahead` after the moment."""
    return utc_text(moment + ahead)
