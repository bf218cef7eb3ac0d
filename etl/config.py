"""The settings of a run, and how lengths of time and time zones are written. Reads neither options nor environment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from etl.errors import ConfigError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the shared options say; `timezone` None means: the stored one, or at first the host's."""

    database_url: str
    logs: tuple[str, ...]
    source_id: str
    timezone: str | None
    state_folder: Path
    json: bool
    verbose: bool


def duration(text: str) -> timedelta:
    """`90d`, `5m`, `2h`, `30s`, `1w` as a length of time; ConfigError for anything else."""
    found = re.fullmatch(r"(\d{1,6})([smhdw])", text.strip())
    if found is None:
        raise ConfigError(f"{text!r} is no length of time", "a number with s, m, h, d or w: 90d, 5m")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name; ConfigError for a name that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(f"{name!r} is no time zone", "use an IANA name such as Asia/Shanghai or UTC") from error
