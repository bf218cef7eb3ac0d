"""Figures as people read them."""

from __future__ import annotations

from typing import get_args

import pytest

from redash.preview.formats import axis_format, moment, shown
from redash.specs.charts import Unit


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (15603, "count", 0, "15,603"),
        (1_234_567, "count", 0, "1.23 M"),
        (0, "count", 0, "0"),
        (0.0042, "seconds", 2, "4.2 ms"),
        (0.35, "seconds", 2, "350 ms"),
        (2.345, "seconds", 2, "2.35 s"),
        (90, "seconds", 0, "1.5 min"),
        (9000, "seconds", 0, "2.5 h"),
        (0, "seconds", 0, "0 s"),
        (0.97487, "ratio", 1, "97.5%"),
        (97.487, "percent", 1, "97.5%"),
        (0.36202, "rtf", 3, "0.362"),
        (59.058, "hours", 1, "59.1 h"),
        (0.75, "hours", 1, "45.0 min"),
        (512, "bytes", 0, "512 B"),
        (1536, "bytes", 0, "1.5 KiB"),
        (None, "count", 0, "–"),
        ("zh", "count", 0, "zh"),
        (3, None, 0, "3"),
    ],
)
def test_a_value_has_its_unit(value, unit, decimals, text):
    """Milliseconds below a second, thousands apart, a dash for what is not known."""
    assert shown(value, unit, decimals) == text


def test_a_moment_is_shown_to_the_second():
    """The T is for machines."""
    assert (moment("2026-11-20T10:00:00.123456"), moment(None)) == ("2026-11-20 10:00:00", "–")


def test_every_unit_has_an_axis():
    """A chart may name any of them."""
    assert [unit for unit in get_args(Unit) if "hoverformat" not in axis_format(unit)] == []
