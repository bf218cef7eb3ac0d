"""Redash's own semantics: selector, comparison, UNKNOWN, and when it tells those who subscribed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redash.data.database import Result
from redash.specs.alerts import Alert
from redash.testing.states import Memory, Verdict, compared, told, verdict
from tests.redash.fake.notifying import evaluated

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def alert(**changes: Any) -> Alert:
    return Alert.model_validate({"title": "A", "query": "q", "column": "x", "op": ">", "value": 5, **changes})


def rows(*values: Any) -> Result:
    return Result(("other", "x"), tuple((0, value) for value in values))


@pytest.mark.parametrize(
    ("changes", "result", "expected"),
    [
        ({}, rows(), Verdict("unknown")),
        ({"column": "y"}, rows(9), Verdict("unknown")),
        ({}, rows(None, 9), Verdict("unknown")),
        ({}, rows(5), Verdict("ok", 5)),
        ({}, rows(5.5), Verdict("triggered", 5.5)),
        ({}, rows(1, 9), Verdict("ok", 1)),
        ({"selector": "max"}, rows(1, 9), Verdict("triggered", 9)),
        ({"selector": "min", "op": "<"}, rows(9, 1), Verdict("triggered", 1)),
        ({"selector": "max"}, rows("7", 1), Verdict("triggered", 7)),
        ({"selector": "max"}, rows("many", 1), Verdict("unknown")),
        ({"selector": "max"}, rows(9, None), Verdict("stuck")),
        ({}, rows("9"), Verdict("triggered", "9")),
        ({}, rows("many"), Verdict("stuck")),
        ({"op": "=="}, rows("many"), Verdict("ok", "many")),
        ({"op": "!="}, rows("many"), Verdict("triggered", "many")),
        ({"op": ">="}, rows(True), Verdict("stuck")),
        ({"op": "=="}, rows(True), Verdict("ok", True)),
    ],
)
def test_a_result_stands_for_a_state(changes, result, expected):
    """As redash-api.md has it, and the worker that dies of a comparison."""
    assert verdict(alert(**changes), result) == expected


@pytest.mark.parametrize(
    ("value", "op", "threshold", "expected"),
    [
        (9, ">", "5", "triggered"),
        (9, ">", "many", "unknown"),
        ("b", ">", "a", "triggered"),
        ("a", ">", "b", "unknown"),
        ("a", "==", "a", "triggered"),
        (True, "==", "true", "triggered"),
        (False, "!=", "false", "ok"),
    ],
)
def test_texts_are_compared_as_texts(value, op, threshold, expected):
    """A threshold that Redash's editor wrote is a text: a number's text is a number."""
    assert compared(value, op, threshold) == expected


@given(
    st.lists(
        st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.sampled_from(["3", "x", ""]), max_size=4
    ),
    st.sampled_from(["first", "min", "max"]),
    st.sampled_from([">", ">=", "<", "<=", "==", "!="]),
    st.integers(-9, 9),
)
def test_the_state_is_that_of_the_server(values, selector, op, value):
    """The fake Redash, which is held to a real one, comes to the same; where its worker dies we are stuck."""
    spec = alert(selector=selector, op=op, value=value)
    try:
        expected = evaluated(
            {"column": "x", "selector": selector, "op": op, "value": float(value)},
            {"rows": [{"x": item} for item in values]},
        )
    except TypeError:
        expected = "stuck"

    assert verdict(spec, rows(*values)).state == expected


def test_a_message_goes_out_at_each_change_and_again_as_rearm_says():
    """Unknown to ok tells nobody; rearm counts from the last change or message, and is over when more has passed."""
    states = ["ok", "triggered", "triggered", "stuck", "triggered", "ok", "unknown", "triggered", "unknown", "ok"]

    def messages(rearm: int) -> list[bool]:
        memory, sent = Memory(), []
        for index, state in enumerate(states):
            memory, message = told(memory, Verdict(state), NOON + timedelta(minutes=index), rearm)  # type: ignore[arg-type]
            sent.append(message)
        return sent

    once = [False, True, False, False, False, True, True, True, True, False]
    assert messages(0) == once
    assert messages(1) == [False, True, True, False, True, True, True, True, True, False]
    # at minute 4 three minutes have passed since the message of minute 1: more than two
    assert messages(120) == [False, True, False, False, True, True, True, True, True, False]
