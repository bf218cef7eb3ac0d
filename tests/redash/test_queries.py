"""The queries that ship, on SQLite and PostgreSQL alike, against values worked out by hand.

One database of each kind is filled once; each test looks at an instance of its own. The report time zone is
Asia/Shanghai, eight hours ahead of the UTC moments of the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from redash.config import PACKAGED
from redash.data.answers import answers
from redash.data.database import Reading, reading
from redash.specs.reading import read_pack

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PACK, _ = read_pack(PACKAGED)
FRIDAY = "2026-11-20T02:00:00"  # 10:00 in Shanghai
OLDER = (
    "[2025-04-05 10:23:45] INFO - TextLen=120, Emotion=happy, Duration=2.3s, Success=True",
    "[2025-04-05 10:24:45] INFO - TextLen=20, Emotion=sad, Duration=0.3s, Success=False",
)
WINDOW = (
    "WHERE local_at >= DATE('{{ period.start }}') -- whole days, which the index serves "
    "AND (DATE(local_at), SUBSTR(CAST(local_at AS VARCHAR), 12, 8)) "
    "BETWEEN (DATE('{{ period.start }}'), SUBSTR('{{ period.start }}', 12, 8)) "
    "AND (DATE('{{ period.end }}'), SUBSTR('{{ period.end }}', 12, 8)) "
    "AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')"
)
EVIL = "x' OR '1'='1"


def _lines(line: Callable[..., dict[str, Any]]) -> list[Any]:
    ranks = [line(FRIDAY, instance="ranks", total_seconds=float(seconds)) for seconds in range(1, 21)]
    weights = [
        line(FRIDAY, instance="weights", total_seconds=1.0, sample_weight=9.0),
        line(FRIDAY, instance="weights", total_seconds=10.0, sample_weight=1.0),
        line(FRIDAY, instance="weights", status="error", sample_weight=1.0),
        line(FRIDAY, instance="weights", status="rejected", fault="client", error_code="EMPTY_TEXT", sample_weight=1.0),
    ]
    days = [
        line("2026-11-19T15:59:59", instance="days"),
        line("2026-11-19T16:00:00", instance="days"),
        line("2026-11-20T15:59:59", instance="days", status="cancelled", fault="cancelled", error_code="CANCELLED"),
    ]
    lengths = [line(FRIDAY, instance="lengths", text_chars=chars, text_bytes=chars) for chars in (1, 49, 50, 150, 151)]
    hours = [
        line("2026-11-12T17:00:00", instance="hours"),
        line("2026-11-12T17:59:59", instance="hours", sample_weight=2.0),
        line("2026-11-19T17:30:00", instance="hours"),
    ]
    engines = [
        line(FRIDAY, instance="engines", engine="espeak", synthesis_seconds=0.5, audio_seconds=2.0),
        line(FRIDAY, instance="engines", engine="espeak", synthesis_seconds=1.5, audio_seconds=2.0, sample_weight=2.0),
        line(FRIDAY, instance="engines", engine="espeak", synthesis_seconds=None, audio_seconds=9.0, cache_hit=True),
        line(FRIDAY, instance="engines", engine="indextts2", status="error", error_code="OOM_GPU"),
    ]
    return [
        *ranks,
        *weights,
        *days,
        *lengths,
        *hours,
        *engines,
        line(FRIDAY, instance=EVIL),
        *OLDER,
        '{"v":1,"event":"tts.request"}',
    ]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    """An open database with the lines of this file."""
    filled_by, line = request.getfixturevalue("filled_by"), request.getfixturevalue("line")
    url = filled_by(request.param, request, tmp_path_factory.mktemp(request.param), _lines(line))
    with reading(url, 30) as opened:
        yield opened


@pytest.fixture
def ask(filled: Reading) -> Callable[..., list[dict[str, Any]]]:
    """Rows of a query as dicts; keyword arguments are parameters."""

    def rows(slug: str, instance: str = "%", **given: str) -> list[dict[str, Any]]:
        query = PACK.queries[slug]
        known = {"period.start": "2020-01-01", "period.end": "2026-12-31", "instance": instance, **given}
        result = answers(filled, PACK, known, NOW).of_query(query, {}, {})
        return [dict(zip(result.columns, row, strict=True)) for row in result.rows]

    return rows


def test_percentiles_are_the_nearest_rank(ask):
    """Of 1 … 20 seconds: the 10th, the 19th and the 20th."""
    expected = {"ok_requests": 20, "p50_seconds": 10.0, "p95_seconds": 19.0, "p99_seconds": 20.0}
    totals = ask("totals", "ranks")[0]

    assert {name: totals[name] for name in expected} == expected
    assert ask("latency-by-day", "ranks") == [{"day": "2026-11-20", **expected}]
    assert ask("latency-by-emotion", "ranks") == [{"emotion": "neutral", **expected}]
    assert ask("latency-by-length", "ranks") == [{"text_length": "below 50", **expected}]


def test_one_logged_request_may_stand_for_many(ask):
    """Weights 9 and 1: ten ok requests of twelve, the median is the heavy one, P95 is not."""
    totals = ask("totals", "weights")[0]

    assert (totals["requests"], totals["ok_requests"]) == (12, 10)
    assert (totals["p50_seconds"], totals["p95_seconds"], totals["p99_seconds"]) == (1.0, 10.0, 10.0)
    assert totals["success_rate"] == pytest.approx(10 / 12)
    assert totals["availability"] == pytest.approx(11 / 12)
    assert ask("calls-by-day", "weights") == [
        {"day": "2026-11-20", "status": "error", "requests": 1},
        {"day": "2026-11-20", "status": "ok", "requests": 10},
        {"day": "2026-11-20", "status": "rejected", "requests": 1},
    ]


def test_success_counts_all_and_availability_the_services_faults(ask):
    """A client's empty text lowers the one and not the other."""
    rates = {"success_rate": pytest.approx(10 / 12), "availability": pytest.approx(11 / 12)}

    assert ask("success-by-day", "weights") == [{"day": "2026-11-20", "requests": 12, **rates}]
    assert ask("success-by-emotion", "weights") == [{"emotion": "neutral", "requests": 12, "share": 1.0, **rates}]
    assert ask("success-by-length", "weights") == [{"text_length": "below 50", "requests": 12, "share": 1.0, **rates}]


def test_days_are_days_of_the_report_time_zone(ask):
    """Midnight in Shanghai is 16:00 UTC."""
    assert ask("calls-by-day", "days") == [
        {"day": "2026-11-19", "status": "ok", "requests": 1},
        {"day": "2026-11-20", "status": "cancelled", "requests": 1},
        {"day": "2026-11-20", "status": "ok", "requests": 1},
    ]
    assert [(row["day"], row["requests"]) for row in ask("success-by-day", "days")] == [
        ("2026-11-19", 1),
        ("2026-11-20", 2),
    ]
    assert [(row["day"], row["ok_requests"]) for row in ask("latency-by-day", "days")] == [
        ("2026-11-19", 1),
        ("2026-11-20", 1),
    ]


def test_every_query_of_one_file_cuts_the_period_in_the_same_words():
    """So that what is tried on one of them holds for all."""
    in_one_file = [
        query
        for query in PACK.queries.values()
        if "period" in query.head.parameters and query.sql["sqlite"] == query.sql["postgresql"]
    ]
    bare = {query.slug: " ".join(query.sql["sqlite"].text.split()) for query in in_one_file}

    assert len(bare) > 30
    assert [slug for slug, sql in bare.items() if WINDOW not in sql] == []


@pytest.mark.parametrize(
    ("start", "end", "calls"),
    [
        ("2026-11-19T23:59:59", "2026-11-20T23:59:59", 3),
        ("2026-11-20T00:00:00", "2026-11-20T23:59:59", 2),
        ("2026-11-20T00:00:01", "2026-11-20T23:59:58", 0),
        ("2026-11-20T00:00:00", "2026-11-20T00:00:00", 1),
        ("2026-11-20T00:00:01", "2026-11-21T00:00:00", 1),
    ],
)
def test_a_period_is_exact_to_the_second(ask, start, end, calls):
    """Both ends belong to it, in the queries of one file and in those of two."""
    period = {"period.start": start, "period.end": end}

    assert ask("totals", "days", **period)[0]["requests"] == calls
    assert sum((row["mean_calls"] or 0) * row["hours_seen"] for row in ask("weekday-hours", "days", **period)) == calls


def test_texts_fall_into_three_classes(ask):
    """50 and 150 belong to the middle one."""
    found = [(row["text_length"], row["requests"]) for row in ask("success-by-length", "lengths")]

    assert found == [("below 50", 2), ("50–150", 2), ("above 150", 1)]


def test_a_heat_map_is_the_mean_of_such_hours(ask):
    """Two Fridays at one in the morning with 3 and 1 calls; an hour without a call counts too."""
    cells = {
        (row["weekday"], row["hour"]): (row["mean_calls"], row["hours_seen"]) for row in ask("weekday-hours", "hours")
    }

    assert cells["5 Fri", "01"] == (2.0, 2)
    assert cells["5 Fri", "02"] == (0.0, 1)
    assert len(cells) == 7 * 24
    assert sum(seen for _, seen in cells.values()) == 7 * 24 + 1
    assert len(ask("weekday-hours", "ranks")) == 7 * 24
    assert [row["hour"] for row in ask("weekday-hours", "ranks") if row["mean_calls"] is not None] == ["10"]


def test_rtf_takes_requests_that_have_both_sums(ask):
    """(0.5 + 2 × 1.5) / (2 + 2 × 2); a cache hit has no synthesis, and a failed engine no figure."""
    expected = {"requests": 4, "success_rate": 1.0, "measured_requests": 3, "rtf": pytest.approx(3.5 / 6)}

    assert ask("engines", "engines") == [
        {"engine": "espeak", **expected, "audio_hours": pytest.approx(6 / 3600)},
        {
            "engine": "indextts2",
            "requests": 1,
            "success_rate": 0.0,
            "measured_requests": 0,
            "rtf": None,
            "audio_hours": None,
        },
    ]
    assert ask("totals", "engines")[0]["rtf"] == pytest.approx(3.5 / 6)
    assert ask("totals", "engines")[0]["audio_seconds"] == pytest.approx(15.0)


def test_errors_are_counted_by_code_and_fault(ask):
    """The newest moment of each is a local time with a T."""
    assert ask("errors-by-code", "weights") == [
        {"error_code": "EMPTY_TEXT", "fault": "client", "requests": 1, "newest_at": "2026-11-20T10:00:00.000000"},
        {"error_code": "SYNTH_FAILED", "fault": "service", "requests": 1, "newest_at": "2026-11-20T10:00:00.000000"},
    ]


def test_lines_of_the_older_form_break_nothing(ask):
    """They name no instance, engine or audio: the queries say `unknown` or nothing."""
    april = {"period.start": "2025-04-01", "period.end": "2025-04-30"}
    totals = ask("totals", **april)[0]

    assert (totals["requests"], totals["success_rate"], totals["availability"]) == (2, 0.5, 0.5)
    assert (totals["p50_seconds"], totals["rtf"], totals["audio_seconds"]) == (2.3, None, None)
    assert [row["engine"] for row in ask("engines", **april)] == ["unknown"]
    assert [(row["error_code"], row["fault"]) for row in ask("errors-by-code", **april)] == [("UNKNOWN", "service")]
    assert [row["local_at"] for row in ask("latest-requests", **april)] == [
        "2025-04-05T18:24:45.000000",
        "2025-04-05T18:23:45.000000",
    ]


def test_the_newest_requests_come_first_and_as_many_as_wanted(ask):
    """All of them by default, two hundred easily."""
    newest = ask("latest-requests", "ranks", newest="2")

    assert [(row["request_id"], row["total_seconds"]) for row in newest] == [("r20", 20.0), ("r19", 19.0)]
    assert len(ask("latest-requests", "ranks")) == 20


def test_the_dropdown_offers_no_name_that_could_be_sql(ask):
    """The instance with a quote in its name is counted, and can't be chosen."""
    names = [row["value"] for row in ask("instances")]

    assert names == ["%", "days", "engines", "hours", "lengths", "ranks", "weights"]
    assert ask("totals")[0]["requests"] == 52


def test_the_pipeline_tells_what_became_of_the_lines(ask, line):
    """All are loaded but one that lacks everything; the age of the newest is not below zero."""
    outcomes = {row["outcome"]: row["lines"] for row in ask("lines")}
    fresh = ask("freshness")[0]

    assert (outcomes["loaded"], outcomes["quarantined"]) == (len(_lines(line)) - 1, 1)
    assert [(row["kind"], row["lines"]) for row in ask("quarantine")] == [("missing_key", 1)]
    assert (fresh["report_timezone"], fresh["newest_at"]) == ("Asia/Shanghai", "2026-11-20T23:59:59.000000")
    assert (fresh["newest_age_seconds"] >= 0, fresh["last_success_age_seconds"] >= 0) == (True, True)
    assert (fresh["lag_bytes"], fresh["quarantined_lines"]) == (0, 1)


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    """What a row counts or measures, without nothing."""
    return {name: value for name, value in row.items() if value and not isinstance(value, str)}


def test_a_period_without_a_call_is_zero_calls_and_no_rows(ask):
    """A total is one row in any case; whatever else has rows for the sake of its axes says nothing in them."""
    nothing = {"period.start": "2021-01-01", "period.end": "2021-01-02"}
    timed = [slug for slug, query in PACK.queries.items() if "period" in query.head.parameters]
    said = {slug: [_figures(row) for row in ask(slug, **nothing)] for slug in timed}

    assert ask("totals", **nothing)[0]["requests"] == 0
    assert {slug: rows for slug, rows in said.items() if any(rows)} == {}
