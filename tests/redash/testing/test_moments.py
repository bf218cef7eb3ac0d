"""Ages and moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from redash.testing.moments import moment, span

PRESENT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(("text", "seconds"), [("0s", 0), ("90s", 90), ("1.5m", 90), ("2h", 7200), ("14d", 1_209_600)])
def test_a_span_is_a_number_and_a_unit(text, seconds):
    """Seconds, minutes, hours, days."""
    assert span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", datetime(2026, 11, 20, 11, 30, tzinfo=UTC)),
        ("2026-11-02T10:00", datetime(2026, 11, 2, 10, tzinfo=UTC)),
        ("2026-11-02", datetime(2026, 11, 2, tzinfo=UTC)),
        ("2026-11-02T10:00+08:00", datetime(2026, 11, 2, 2, tzinfo=UTC)),
    ],
)
def test_a_moment_is_an_age_or_of_utc(text, expected):
    """Unless it names an offset."""
    assert moment(text, PRESENT) == expected


@pytest.mark.parametrize("text", ["", "30", "m", "-5m", "30 m", "yesterday"])
def test_another_text_is_none(text):
    """An age does not lie in the future."""
    with pytest.raises(ValueError, match="expected"):
        moment(text, PRESENT)
