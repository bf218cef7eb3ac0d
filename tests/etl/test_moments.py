"""UTC texts to local ones and back, fast but never wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.lines.moments import LocalTime, is_suspect, utc_of_local, utc_text

ZONES = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]
KEPT = {name: LocalTime(ZoneInfo(name)) for name in ZONES}


@given(st.sampled_from(ZONES), st.datetimes(datetime(2020, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001
def test_local_time_is_what_the_zone_database_says(name: str, naive: datetime) -> None:
    """The conversion by minutes gives the same as the one by moments, whatever was converted before."""
    moment = naive.replace(tzinfo=UTC)
    expected = moment.astimezone(ZoneInfo(name)).strftime("%Y-%m-%dT%H:%M:%S.%f")

    assert KEPT[name].of(utc_text(moment)) == expected


@pytest.mark.parametrize(
    ("day", "time", "expected"),
    [
        ("2026-07-01", "12:00:00", "2026-07-01T10:00:00.000000Z"),
        ("2026-10-25", "02:30:00", "2026-10-25T00:30:00.000000Z"),
        ("2026-03-29", "02:30:00.25", "2026-03-29T01:30:00.250000Z"),
        ("2026-02-30", "12:00:00", None),
        ("2026-02-28", "25:00:00", None),
        ("2026-02-28", "12:00:00+01:00", None),
        ("0001-01-01", "00:00:00", None),
    ],
)
def test_local_texts_become_utc(day: str, time: str, expected: str | None) -> None:
    """Of an hour that comes twice the first; a time that is left out by the offset before; no such time: None."""
    assert utc_of_local(day, time, ZoneInfo("Europe/Berlin")) == expected


def test_absurd_years_are_suspect() -> None:
    """2020 to 2099 are believed."""
    days = ("1970-01-01", "2019-12-31", "2020-01-01", "2099-12-31", "2100-01-01", "9999-12-31")

    assert [is_suspect(day) for day in days] == [True, True, False, False, True, True]
