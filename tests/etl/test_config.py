"""Lengths of time and time zones, as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from etl.config import duration, zone
from etl.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30s", timedelta(seconds=30)),
        ("5m", timedelta(minutes=5)),
        ("2h", timedelta(hours=2)),
        ("90d", timedelta(days=90)),
        (" 1w ", timedelta(weeks=1)),
    ],
)
def test_a_length_of_time_is_a_number_and_a_unit(text: str, expected: timedelta) -> None:
    """Seconds, minutes, hours, days and weeks."""
    assert duration(text) == expected


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "-5m", "5y", "1.5h", "9999999d"])
def test_anything_else_is_refused(text: str) -> None:
    """A unit is never guessed."""
    with pytest.raises(ConfigError):
        duration(text)


@pytest.mark.parametrize("name", ["", "CEST+", "../etc/passwd", "Asia/Schanghai", "/etc/localtime"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    """Names that the zone database doesn't have."""
    with pytest.raises(ConfigError):
        zone(name)
