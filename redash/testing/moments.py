"""Moments as a case writes them: an age before the present (`30m`, `7d`), or a moment of UTC (`2026-11-20T10:00:00`)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

_AGE = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def span(text: str) -> timedelta:
    """`90s`, `30m`, `2h` or `14d`; raises ValueError for another text."""
    match = _AGE.fullmatch(text)
    if match is None:
        raise ValueError("a number with s, m, h or d is expected, like 30m")
    return timedelta(seconds=float(match[1]) * _SECONDS[match[2]])


def moment(text: str, present: datetime) -> datetime:
    """The moment in UTC that a text means at `present`; raises ValueError."""
    if _AGE.fullmatch(text):
        return present - span(text)
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("an age like 30m or a moment like 2026-11-20T10:00:00 is expected") from error
    return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)


def _span_text(text: str) -> str:
    span(text)
    return text


def _moment_text(text: str) -> str:
    moment(text, datetime(2026, 1, 1, tzinfo=UTC))
    return text


def _text(given: object) -> object:
    # YAML reads 2026-11-20T10:00:00 as a moment of its own, and 0 as a number.
    if isinstance(given, datetime):
        return given.isoformat()
    return "0s" if given == 0 else given


Span = Annotated[str, BeforeValidator(_text), AfterValidator(_span_text), WithJsonSchema({"type": "string"})]
Moment = Annotated[str, BeforeValidator(_text), AfterValidator(_moment_text), WithJsonSchema({"type": "string"})]
