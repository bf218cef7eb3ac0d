"""Asking the queries of a pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from redash.data.answers import Answers, answers, refuse_unknown
from redash.data.database import Reading, reading
from redash.errors import ParameterError, QueryFailed
from redash.specs.reading import read_pack

# 01:30 on the 22nd in Shanghai
NOW = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)


@pytest.fixture
def opened(database_url: str, fill: Callable[..., None], line) -> Iterator[Reading]:
    """Three calls on two days of Shanghai."""
    fill(
        database_url,
        line("2026-11-21T15:00:00", instance="studio"),
        line("2026-11-21T17:00:00", instance="studio"),
        line("2026-11-21T17:10:00", instance="stage", status="error"),
    )
    with reading(database_url, 30) as reading_:
        yield reading_


@pytest.fixture
def asked(opened: Reading, specs: Callable[..., Path]) -> Callable[..., Answers]:
    """Answers of the small pack for given parameters."""
    return lambda **given: answers(opened, read_pack(specs())[0], given, NOW)


def test_days_are_counted_from_the_present_day_of_the_report_zone(asked):
    """At 17:30 UTC it is tomorrow in Shanghai already."""
    assert asked().now == datetime(2026, 11, 22, 1, 30, tzinfo=UTC).replace(tzinfo=None)


def test_given_values_go_over_those_of_the_dashboard(asked):
    """Two days and one instance instead of today and all."""
    given = {"period.start": "2026-11-20", "period.end": "2026-11-23T00:00:00", "instance": "studio"}
    answered = asked(**given)
    board = answered.pack.dashboards["board"]

    assert answered.of_widget(board, board.dashboard.widgets[0]).rows == (("ok", 2),)


def test_values_fixed_in_a_widget_go_over_everything(asked):
    """What a dashboard nails down no filter moves."""
    answered = asked(instance="studio")
    fixed = {"instance": "stage", "period": {"start": "2026-11-20", "end": "2026-11-23T00:00:00"}}

    assert answered.of_query(answered.pack.queries["calls"], fixed, {}).rows == (("error", 1),)


def test_a_dropdown_refuses_what_its_query_did_not_return(asked):
    """An injected value never reaches the SQL; the hint offers what there is."""
    answered = asked(instance="x' OR '1'='1")
    with pytest.raises(ParameterError) as caught:
        answered.of_query(answered.pack.queries["calls"], {}, {})

    assert "stage" in caught.value.hint
    assert "studio" in caught.value.hint


def test_equal_sql_runs_once(asked):
    """The second answer is the first one's object."""
    answered = asked()
    query = answered.pack.queries["instances"]

    assert answered.of_query(query, {}, {}) is answered.of_query(query, {}, {})


def test_a_failure_is_kept_as_well(opened: Reading, specs: Callable[..., Path]):
    """Five charts over a slow query wait for it once."""
    pack = read_pack(
        specs({"queries/broken.sql": "-- title: B\n-- description: D\nSELECT nothing FROM tts_request\n"})
    )[0]
    answered = answers(opened, pack, {}, NOW)
    errors = []
    for _ in range(2):
        with pytest.raises(QueryFailed) as caught:
            answered.of_query(pack.queries["broken"], {}, {})
        errors.append(caught.value)

    assert errors[0] is errors[1]


def test_a_parameter_that_nobody_has_is_refused(specs: Callable[..., Path]):
    """A typo would else be a filter that filters nothing."""
    queries = list(read_pack(specs())[0].queries.values())

    refuse_unknown(["period", "period.start", "instance"], queries)
    with pytest.raises(ParameterError, match="'instances'"):
        refuse_unknown(["instances"], queries)
