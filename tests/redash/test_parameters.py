"""Values of parameters: what is accepted, what a range means, what reaches the SQL."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from redash.errors import ParameterError
from redash.specs.parameters import (
    DYNAMIC,
    DateParameter,
    EnumParameter,
    NumberParameter,
    QueryParameter,
    Range,
    RangeParameter,
    accepted,
    default_of,
    dynamic_range,
    merged,
    render,
)
from redash.specs.texts import Text

NOW = datetime(2026, 11, 22, 14, 30, 5, tzinfo=UTC).replace(tzinfo=None)
PERIOD = RangeParameter(type="datetime-range-with-seconds", title=Text(en="Period"), default="d_last_7_days")
NUMBER = NumberParameter(type="number", title=Text(en="Rows"), default=10)
INSTANCE = QueryParameter(type="query", title=Text(en="Instance"), query="instances", default="%")
EMOTION = EnumParameter(type="enum", title=Text(en="Emotion"), options=["happy", "sad"], default="sad")
DAY = DateParameter(type="date", title=Text(en="Day"), default="2026-11-22")


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("d_today", "2026-11-22 00:00:00", "2026-11-22 23:59:59"),
        ("d_yesterday", "2026-11-21 00:00:00", "2026-11-21 23:59:59"),
        ("d_this_week", "2026-11-16 00:00:00", "2026-11-22 23:59:59"),
        ("d_this_month", "2026-11-01 00:00:00", "2026-11-22 23:59:59"),
        ("d_last_hour", "2026-11-22 13:30:05", "2026-11-22 14:30:05"),
        ("d_last_24_hours", "2026-11-21 14:30:05", "2026-11-22 14:30:05"),
        ("d_last_7_days", "2026-11-15 00:00:00", "2026-11-22 23:59:59"),
        ("d_last_30_days", "2026-10-23 00:00:00", "2026-11-22 23:59:59"),
    ],
)
def test_a_named_range_is_what_redash_makes_of_it(name: str, start: str, end: str):
    """Days are whole and the running one belongs to them; hours end now."""
    assert dynamic_range(name, NOW) == {"start": start, "end": end}


def test_every_offered_range_is_known_and_no_other():
    """The names of the filter bar all resolve; another is refused by name."""
    assert all(dynamic_range(name, NOW)["start"] < "2026-11-22 14:30:06" for name in DYNAMIC)
    with pytest.raises(ParameterError, match="d_last_decade"):
        dynamic_range("d_last_decade", NOW)


def test_a_given_start_goes_over_the_default_range():
    """The other end stays as the default has it."""
    value = merged("period", "d_today", {"period.start": "2026-11-22T01:00:00"}, NOW)

    assert value == {"start": "2026-11-22T01:00:00", "end": "2026-11-22 23:59:59"}


def test_moments_reach_the_sql_as_redash_writes_them():
    """A T becomes a blank; a day as an end means all of that day."""
    texts = accepted("period", PERIOD, {"start": "2026-11-01T02:03:04", "end": "2026-11-02"}, [])

    assert texts == {"period.start": "2026-11-01 02:03:04", "period.end": "2026-11-02 23:59:59"}


def test_each_type_accepts_its_values():
    """A number as it is, one of a list, a day, one of what a query returned."""
    assert accepted("rows", NUMBER, "-2.5", []) == {"rows": "-2.5"}
    assert accepted("emotion", EMOTION, "happy", []) == {"emotion": "happy"}
    assert accepted("day", DAY, "2026-02-28", []) == {"day": "2026-02-28"}
    assert accepted("instance", INSTANCE, "studio", ["%", "studio"]) == {"instance": "studio"}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (NUMBER, "1; DROP TABLE tts_request"),
        (NUMBER, "1e9"),
        (NUMBER, "nan"),
        (EMOTION, "happy' OR '1'='1"),
        (INSTANCE, "x' OR 1=1 --"),
        (INSTANCE, ""),
        (DAY, "2026-13-01"),
        (DAY, "2026-11-22T10:00:00"),
        (DAY, "'; SELECT 1 --"),
        (PERIOD, "2026-11-22"),
        (PERIOD, {"start": "2026-11-22"}),
        (PERIOD, {"start": "now", "end": "2026-11-22"}),
        (PERIOD, {"start": "2026-11-22T10:00:00+08:00", "end": "2026-11-23"}),
        (PERIOD, {"start": "2026-11-23", "end": "2026-11-22"}),
        (NUMBER, {"start": "1", "end": "2"}),
    ],
)
def test_what_the_type_refuses_never_gets_further(parameter, value):
    """A wrong value is wrong use, whatever it would have done in the SQL."""
    with pytest.raises(ParameterError) as caught:
        accepted("p", parameter, value, ["%", "studio"])

    assert caught.value.exit_code == 2


def test_a_listed_value_with_a_quote_is_refused_too():
    """Names of instances come out of log lines: being in the list makes them no SQL."""
    evil = "x' OR '1'='1"
    with pytest.raises(ParameterError, match="can't be put into SQL"):
        accepted("instance", INSTANCE, evil, ["%", evil])


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_accepted_value_changes_the_shape_of_the_sql(one: str, other: str):
    """Whatever is sent: it is refused, or the statement keeps its one string literal and its one number."""
    sql = "SELECT * FROM t WHERE a = '{{ instance }}' LIMIT {{ rows }}"
    try:
        values = accepted("instance", INSTANCE, one, [one]) | accepted("rows", NUMBER, other, [])
    except ParameterError:
        return
    (parsed,) = sqlglot.parse(render(sql, values), dialect="sqlite")
    assert parsed is not None
    literals = [literal.name for literal in parsed.find_all(sqlglot.exp.Literal)]

    assert sorted(literals) == sorted([one, other.lstrip("-")])


def test_an_undeclared_placeholder_is_refused():
    """No query runs with a mustache in it."""
    with pytest.raises(ParameterError, match="it does not declare"):
        render("SELECT '{{ nothing }}'", {"instance": "x"})


def test_the_default_is_given_as_a_user_would():
    """Numbers as texts, a fixed range by its two ends."""
    fixed = RangeParameter(type="date-range", title=Text(en="P"), default=Range(start="2026-11-01", end="2026-11-02"))

    assert default_of(NUMBER) == "10"
    assert default_of(fixed) == {"start": "2026-11-01", "end": "2026-11-02"}
