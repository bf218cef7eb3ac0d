"""TTS overview, and what holds for every query: periods, weights, the report time zone, dropdowns.

Each test looks at an instance of its own. The report time zone is Asia/Shanghai, eight hours ahead of the UTC moments
of the lines.
"""

from __future__ import annotations

from typing import Any

import pytest

from redash.config import PACKAGED
from redash.specs.reading import read_pack

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
BEFORE_TODAY = {"period.end": "2026-11-20"}
TIMED = (
    "calls-by-day",
    "errors-by-day",
    "latency-by-emotion",
    "latency-by-length",
    "success-by-emotion",
    "weekday-hours",
    "engines",
    "latest-requests",
)


@pytest.fixture(scope="module")
def lines(line, small_event) -> list[Any]:
    """A few lines for each test, in an instance of its own."""
    ranks = [line(FRIDAY, instance="ranks", total_seconds=float(seconds)) for seconds in range(1, 501)]
    heavy = [
        *[line(FRIDAY, instance="heavy", total_seconds=1.0, sample_weight=9.0)] * 80,
        *[line(FRIDAY, instance="heavy", total_seconds=10.0)] * 20,
    ]
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
        *heavy,
        *weights,
        *days,
        *lengths,
        *hours,
        *engines,
        line(FRIDAY, instance=EVIL),
        small_event("tts.mark", FRIDAY, 1, instance="days", kind="release", label="1.2.0"),
        *OLDER,
        '{"v":1,"event":"tts.request"}',
    ]


def test_percentiles_are_the_nearest_rank(ask):
    """Of 1 … 500 seconds: the 250th, the 475th and the 495th."""
    expected = {"p50_seconds": 250.0, "p95_seconds": 475.0, "p99_seconds": 495.0}
    totals = ask("totals", "ranks")[0]

    assert {name: totals[name] for name in expected} == expected
    assert ask("latency-by-emotion", "ranks") == [{"emotion": "neutral", "ok_requests": 500, "n": 500, **expected}]
    assert ask("latency-by-length", "ranks") == [{"text_length": "below 50", "ok_requests": 500, "n": 500, **expected}]


def test_a_percentile_of_a_few_is_none(ask):
    """20 requests make a median, 100 a P95, 500 a P99; whoever has fewer says so."""
    few, some = ask("totals", "weights")[0], ask("totals", "heavy")[0]

    assert (few["p50_seconds"], few["p95_seconds"], few["p95_note"]) == (None, None, "too few · 太少: n=2")
    assert (some["p95_seconds"], some["p99_seconds"], some["p95_note"]) == (1.0, None, "n=100")
    assert [(row["text_length"], row["p50_seconds"]) for row in ask("latency-by-length", "weights")] == [
        ("below 50 (n < 20)", None)
    ]
    assert [row["emotion"] for row in ask("latency-by-emotion", "weights")] == ["neutral (n < 20)"]


def test_one_logged_request_may_stand_for_many(ask):
    """80 lines that stand for 720 requests, beside 20: of a hundred, 95 are among the former."""
    totals, rates = ask("totals", "heavy")[0], ask("totals", "weights")[0]

    assert (totals["requests"], totals["ok_requests"]) == (740, 740)
    assert (totals["p50_seconds"], totals["p95_seconds"], totals["p99_seconds"]) == (1.0, 1.0, None)
    assert (rates["requests"], rates["ok_requests"], rates["rates_note"]) == (12, 10, "n=4")
    assert rates["success_rate"] == pytest.approx(10 / 12)
    assert rates["availability"] == pytest.approx(11 / 12)
    assert [(row["requests"], row["ok"], row["rejected"], row["error"]) for row in ask("calls-by-day", "weights")] == [
        (12, 10, 1, 1)
    ]


def test_success_counts_all_and_availability_the_services_faults(ask):
    """A client's empty text lowers the one and not the other."""
    rates = {"success_percent": pytest.approx(1000 / 12), "availability_percent": pytest.approx(1100 / 12)}

    assert ask("success-by-emotion", "weights") == [{"emotion": "neutral", "requests": 12, "share": 1.0, **rates}]


def test_days_are_days_of_the_report_time_zone(ask):
    """Midnight in Shanghai is 16:00 UTC; a release is marked on its day."""
    counts = {"requests": 1, "ok": 1, "rejected": 0, "error": 0, "timeout": 0, "cancelled": 0}

    assert ask("calls-by-day", "days", **BEFORE_TODAY) == [
        {"day": "2026-11-19", **counts, "mark": None, "mark_words": None},
        {"day": "2026-11-20", **counts, "requests": 2, "cancelled": 1, "mark": 2, "mark_words": "release 1.2.0"},
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
    found = [(row["part"], row["requests"]) for row in ask("errors-rates-by", "lengths", part="length")]

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


def test_lines_of_the_older_form_break_nothing(ask):
    """They name no instance, engine or audio, and the queries say so."""
    april = {"period.start": "2025-04-01", "period.end": "2025-04-30"}
    totals = ask("totals", **april)[0]

    assert (totals["requests"], totals["success_rate"], totals["availability"]) == (2, 0.5, 0.5)
    assert (totals["rtf"], totals["rtf_note"]) == (None, "not in these lines · 这些行没有")
    assert (totals["audio_seconds"], totals["audio_note"]) == (None, "not in these lines · 这些行没有")
    assert [row["engine"] for row in ask("engines", **april)] == ["no engine in these lines · 这些行没有引擎"]
    assert [row["local_at"] for row in ask("latest-requests", **april)] == [
        "2025-04-05T18:24:45.000000",
        "2025-04-05T18:23:45.000000",
    ]


def test_the_newest_requests_come_first_and_as_many_as_wanted(ask):
    """A thousand by default."""
    newest = ask("latest-requests", "ranks", newest="2")

    assert [(row["request_id"], row["total_seconds"]) for row in newest] == [("r500", 500.0), ("r499", 499.0)]
    assert len(ask("latest-requests", "ranks")) == 500


def test_the_dropdown_offers_no_name_that_could_be_sql(ask):
    """The instance with a quote in its name is counted, and can't be chosen."""
    names = [row["value"] for row in ask("instances")]

    assert names == ["%", "days", "engines", "heavy", "hours", "lengths", "ranks", "weights"]
    assert ask("totals")[0]["requests"] == 1272


def test_the_strip_tells_how_fresh_and_how_whole_the_figures_are(ask, lines):
    """All lines are loaded but one that lacks everything; the age of the newest is not below zero."""
    (trust,) = ask("trust")
    ages = [trust.pop(name) for name in ("newest_age_seconds", "last_success_age_seconds")]
    words = [trust.pop(name) for name in ("newest_words", "last_success_words")]

    assert trust == {
        "report_timezone": "Asia/Shanghai",
        "newest_at_words": "2026-11-20 23:59:59",
        "lag_bytes": 0,
        "rejected_lines": 1,
        "rejected_percent": pytest.approx(100 / len(lines)),
    }
    assert min(ages) >= 0
    assert words[0].endswith((" s", " min", " h", " d"))
    assert words[1].endswith((" s", " min"))


def test_a_period_without_a_call_is_zero_calls_and_no_rows(ask):
    """A total is one row in any case, and says that there is nothing; a trend is empty."""
    nothing = {"period.start": "2021-01-01", "period.end": "2021-01-02"}
    totals = ask("totals", **nothing)[0]

    assert (totals["requests"], totals["rates_note"], totals["p95_note"], totals["rtf_note"], totals["audio_note"]) == (
        0,
        *["no request · 没有请求"] * 4,
    )
    assert {slug: ask(slug, **nothing) for slug in TIMED} == {slug: [] for slug in TIMED}
