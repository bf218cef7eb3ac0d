"""Cases held against both databases: those that ship, and what is told of one that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from redash.config import PACKAGED
from redash.data.database import reading
from redash.errors import WrongUse
from redash.specs.reading import read_pack
from redash.testing.cases import AsOf, Outcome, run_case, same, without_a_case
from redash.testing.fixtures import log_of, read_cases
from redash.testing.loading import Stand
from redash.testing.states import verdict

PACK, _ = read_pack(PACKAGED)
CASES = read_cases(PACKAGED / "cases")


@pytest.mark.parametrize("name", CASES)
def test_a_case_that_ships_holds_on_both_databases(name: str, both: Stand):
    """Fire, no fire, nothing there, maintenance; figures worked out by hand."""
    outcome = run_case(CASES[name], PACK, both, 30)

    assert outcome.faults == ()
    assert (outcome.databases, outcome.expectations > 0) == (("sqlite", "postgresql"), True)


def test_every_alert_that_ships_has_a_case_that_fires_and_one_that_does_not():
    """And each is quiet under a maintenance mark, and in order where there is nothing."""
    assert without_a_case(PACK, CASES.values()) == {}
    for name in ("nothing-there", "under-maintenance", "quiet-night", "holiday", "good-day"):
        in_order = {expected.alert for expected in CASES[name].case.expect if expected.state == "ok"}
        assert in_order == set(PACK.alerts), name


def test_a_query_says_of_the_present_what_it_says_with_its_own_clock(both: Stand):
    """So that nothing is lost by asking as of a moment: the alerts of a bad day, on each database."""
    present = datetime.now(UTC)
    log = log_of(CASES["everything-wrong"], present)
    for dialect in both.dialects:
        with reading(both.filled(dialect, "UTC", log), 30) as opened:
            now = AsOf(opened.dialect, opened.connection, opened.timeout_seconds, datetime.now(UTC))
            for slug, alert in PACK.alerts.items():
                text = PACK.queries[alert.spec.query].sql[dialect].text
                one, other = verdict(alert.spec, opened.run(text)), verdict(alert.spec, now.run(text))
                assert one.state == other.state, (slug, dialect)
                assert same(one.value, other.value, within=60), (slug, dialect)


CASE = """\
title: six failed
lines:
  - {requests: 6, from: 9m, to: 0m, failing: {percent: 100}}
  - {requests: 9, from: 9m, to: 0m, with: {instance: other}}
"""


@pytest.fixture
def ran(both: Stand, small: Callable[..., Path]) -> Callable[..., Outcome]:
    """Runs a case of the small pack with these expectations."""

    def run(expect: str, **more: str) -> Outcome:
        folder = small(**{"cases__one.yaml": f"{CASE}expect:\n{expect}", **more})
        pack, problems = read_pack(folder)
        assert problems == []
        return run_case(read_cases(folder / "cases")["one"], pack, both, 30)

    return run


def test_what_is_as_expected_is_no_fault(ran):
    """State, value and rows; a column that is not named may hold anything."""
    outcome = ran(
        "  - {alert: failing, state: triggered, value: 6, rows: [{failed_n: 6}]}\n"
        "  - {alert: failing, after: 10m, state: unknown, rows: []}\n"
        "  - {query: failing, rows: [{instance: studio, failed_n: 6}]}\n"
    )

    assert outcome == Outcome("one", "six failed", ("sqlite", "postgresql"), 3, ())


def test_each_difference_is_told_for_each_database(ran):
    """The alert, the database, what is and what should be."""
    outcome = ran(
        "  - {alert: failing, state: ok, value: 5}\n"
        "  - {query: failing, after: 1m, rows: [{failed_n: 7, nothing: 1}]}\n"
        "  - {query: failing, rows: []}\n"
    )

    assert [fault for fault in outcome.faults if "sqlite" in fault] == [
        "failing on sqlite: is triggered (6), expected ok",
        "failing on sqlite: the value is 6, expected 5.0",
        "failing after 1m on sqlite: row 1: failed_n is 6, expected 7",
        "failing after 1m on sqlite: there is no column 'nothing'",
        "failing on sqlite: 1 rows, expected 0: [{'instance': 'studio', 'failed_n': 6}]",
    ]
    assert [fault.replace("postgresql", "sqlite") for fault in outcome.faults if "postgresql" in fault] == [
        fault for fault in outcome.faults if "sqlite" in fault
    ]


def test_databases_that_say_different_things_are_told(ran):
    """Also in a column that no expectation names."""
    other = "SELECT instance, COUNT(*) + 1 AS failed_n FROM tts_request WHERE status <> 'ok' GROUP BY instance"
    outcome = ran("  - {alert: failing, state: triggered}\n", **{"queries__failing.sqlite.sql": other})

    assert outcome.faults == ("failing on SQLite and PostgreSQL: row 1: failed_n is 7 and 6",)


def test_a_query_that_fails_is_a_fault_of_its_database(ran):
    """The others are asked all the same."""
    outcome = ran(
        "  - {alert: failing, state: triggered}\n", **{"queries__failing.sqlite.sql": "SELECT no FROM tts_request"}
    )

    assert outcome.faults == ("failing on sqlite: no such column: no",)


def test_a_fixture_that_is_refused_fails_its_case(ran, both: Stand, small):
    """And says why; nothing else of the case is looked at."""
    wrong = CASE.replace("{instance: other}", "{ts: never}")
    folder = small(**{"cases__one.yaml": f"{wrong}expect: [{{alert: failing, state: ok}}]"})
    outcome = run_case(read_cases(folder / "cases")["one"], read_pack(folder)[0], both, 30)

    assert outcome.databases == ()
    assert outcome.faults[0].startswith("of 15 lines 9 were refused, 0 break a law, 0 came twice")


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("  - {alert: none, state: ok}\n", "there is no alert 'none'"),
        ("  - {query: none, rows: []}\n", "there is no query 'none'"),
    ],
)
def test_a_slug_that_is_not_there_is_wrong_use(ran, expect, message):
    """Before anything is loaded."""
    with pytest.raises(WrongUse, match=message):
        ran(expect)


def test_an_alert_without_cases_is_named(small):
    """With the state that no case expects."""
    folder = small(**{"cases__one.yaml": f"{CASE}expect: [{{alert: failing, state: ok}}]"})

    assert without_a_case(read_pack(folder)[0], read_cases(folder / "cases").values()) == {"failing": ["triggered"]}


@pytest.mark.parametrize(
    ("one", "other", "within", "expected"),
    [
        (1, 1.0, 0, True),
        (1.0000001, 1, 0, True),
        (1.001, 1, 0, False),
        (1.001, 1, 0.01, True),
        (True, 1, 0, True),
        (None, 0, 0, False),
        ("1", 1, 0, False),
        ("2026-11-20T10:00:00.000000Z", "2026-11-20T10:00:00+00:00", 0, True),
        ("2026-11-20T10:00:00.000000", "2026-11-20T10:00:01", 0, False),
    ],
)
def test_values_of_two_databases_are_held_against_each_other(one, other, within, expected):
    """Moments as moments, truths as numbers, null as nothing else."""
    assert same(one, other, within) is expected
