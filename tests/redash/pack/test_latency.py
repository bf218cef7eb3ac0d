"""Latency: percentiles by day and by part, who waited, where the seconds go. The report time zone is Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

FRIDAY = "2026-11-20T02:00:00"  # 10:00 in Shanghai
OLDER = "[2025-04-05 10:23:45] INFO - TextLen=120, Emotion=happy, Duration=2.3s, Success=True"
APRIL = {"period.start": "2025-04-01", "period.end": "2025-04-30"}
STARTED = datetime.now(tz=UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def lines(line, small_event):
    """An instance for each test."""
    ladders = [
        line(FRIDAY, instance="ladders", engine=f"e{steps:03}", total_seconds=float(second))
        for steps in (19, 20, 99, 100, 499, 500)
        for second in range(1, steps + 1)
    ]
    weights = [
        line(FRIDAY, instance="weights", total_seconds=seconds, sample_weight=weight)
        for seconds, weight in ((1.0, 9.0), (10.0, 1.0))
        for _ in range(20)
    ]
    lengths = [
        line(FRIDAY, instance="parts", text_chars=chars, text_bytes=chars, total_seconds=1.0)
        for chars in (20, 21, 50, 51, 100, 101, 200, 201, 300, 301)
    ]
    ways = [
        line(FRIDAY, instance="ways", cache_hit=True, synthesis_seconds=None, source="batch", stream=True),
        line(FRIDAY, instance="ways", source="batch", stream=True),
        line(FRIDAY, instance="ways", stream=True, first_audio_seconds=0.2),
        line(FRIDAY, instance="ways", cold_start=True, vocoder="hifigan"),
        line(FRIDAY, instance="ways", status="error"),
    ]
    days = [
        *(line("2026-11-18T02:00:00", instance="days", queue_seconds=0.25, first_audio_seconds=0.5) for _ in range(20)),
        *(line("2026-11-19T02:00:00", instance="days", queue_seconds=0.25) for _ in range(19)),
        line("2026-11-19T02:00:00", instance="days", status="error"),
        small_event("tts.mark", "2026-11-19T17:00:00", 1, instance="days", kind="release", label="1.2"),
        small_event("tts.mark", "2026-11-19T18:00:00", 2, instance="days", kind="note", label="new disk"),
        line(f"{STARTED:%Y-%m-%dT%H:%M:%S}", instance="days"),
    ]
    waits = [
        line(FRIDAY, instance="waits", client_hash="a" * 16, total_seconds=1.0),
        line(FRIDAY, instance="waits", client_hash="a" * 16, total_seconds=3.0),
        line(FRIDAY, instance="waits", client_hash="a" * 16, total_seconds=9.0, first_audio_seconds=0.5),
        line(FRIDAY, instance="waits", client_hash="b" * 16, total_seconds=2.0),
        line(FRIDAY, instance="waits", total_seconds=5.0, sample_weight=2.0),
        line(FRIDAY, instance="waits", client_hash="c" * 16, total_seconds=60.0, status="error"),
        line(FRIDAY, instance="waits", status="rejected", fault="client", error_code="EMPTY_TEXT", sample_weight=1.0),
    ]
    stages = [
        line(
            FRIDAY,
            instance="stages",
            engine="indextts2",
            total_seconds=4.0,
            queue_seconds=1.0,
            synthesis_seconds=2.0,
            encode_seconds=0.5,
            stage_seconds={"gpt": 1.2, "vocoder": 0.6},
        ),
        line(
            FRIDAY,
            instance="stages",
            engine="indextts2",
            total_seconds=2.0,
            queue_seconds=0.4,
            synthesis_seconds=1.0,
            stage_seconds={"gpt": 0.6},
            sample_weight=3.0,
        ),
        line(FRIDAY, instance="stages", engine="indextts2", cache_hit=True, synthesis_seconds=None),
    ]
    return [*ladders, *weights, *lengths, *ways, *days, *waits, *stages, OLDER]


def test_percentiles_are_the_nearest_rank_and_null_where_there_are_too_few(ask):
    """Of 1 … n seconds; P50 from 20 on, P95 from 100, P99 from 500."""
    found = [tuple(row.values()) for row in ask("latency-split", "ladders", measure="total", by="engine")]

    assert found == [
        ("e019", 19, "n=19", None, None, None),
        ("e020", 20, "n=20", 10.0, None, None),
        ("e099", 99, "n=99", 50.0, None, None),
        ("e100", 100, "n=100", 50.0, 95.0, None),
        ("e499", 499, "n=499", 250.0, 475.0, None),
        ("e500", 500, "n=500", 250.0, 475.0, 495.0),
    ]


def test_percentiles_of_a_day_are_those_of_its_requests(ask):
    """The same ladder by day, with the engine as the filter."""
    expected = {"measured": 500, "p50": 250.0, "p95": 475.0, "p99": 495.0, "few": None, "mark": None}
    days = ask("latency-days", "ladders", engine="e500", measure="total")

    assert days == [{"day": "2026-11-20", **expected, "mark_words": None}]


def test_a_line_that_stands_for_nine_counts_nine_times(ask):
    """20 lines of 1 s for nine each and 20 of 10 s: the median is 1 s; sizes are those of the lines."""
    assert [(row["measured"], row["p50"], row["p95"]) for row in ask("latency-days", "weights", measure="total")] == [
        (40, 1.0, None)
    ]
    assert [row["p50"] for row in ask("latency-split", "weights", measure="total", by="all")] == [1.0]


def test_texts_fall_into_six_lengths(ask):
    """20, 50, 100, 200 and 300 characters are the last of their bucket."""
    found = [(row["part"], row["measured"]) for row in ask("latency-split", "parts", measure="total", by="length")]

    assert found == [("001–020", 1), ("021–050", 2), ("051–100", 2), ("101–200", 2), ("201–300", 2), ("301–", 1)]


def test_streaming_batch_and_cache_are_apart_and_a_hit_counts_as_one_first(ask):
    """A hit of the cache is a hit, whoever asked and however; a batch job is one also where it streams."""
    ways = [(row["part"], row["measured"]) for row in ask("latency-split", "ways", measure="total", by="path")]
    heard = [(row["part"], row["measured"]) for row in ask("latency-split", "ways", measure="first_audio", by="path")]
    starts = [(row["part"], row["measured"]) for row in ask("latency-split", "ways", measure="synthesis", by="start")]
    rtf = [(row["part"], row["measured"]) for row in ask("latency-split", "ways", measure="rtf", by="engine")]

    assert ways == [
        ("batch job · 批处理", 1),
        ("cache hit · 缓存命中", 1),
        ("streaming · 流式", 1),
        ("whole answer · 整段", 1),
    ]
    assert heard == [("streaming · 流式", 1)]
    assert starts == [("cold start · 冷启动", 1), ("warm · 热启动", 2)]
    assert rtf == [("espeak", 2), ("espeak · hifigan", 1)]


@pytest.mark.parametrize(
    ("measure", "p50"), [("total", 1.0), ("queue", 0.25), ("synthesis", 0.5), ("first_audio", 0.5), ("rtf", 0.25)]
)
def test_each_measure_is_its_column(ask, measure, p50):
    """20 requests alike on Wednesday; RTF is 0.5 s of synthesis over 2 s of audio."""
    days = ask("latency-days", "days", measure=measure, **{"period.end": "2026-11-18"})

    assert [(row["day"], row["measured"], row["p50"], row["few"]) for row in days] == [("2026-11-18", 20, p50, None)]


def test_days_with_too_few_and_days_with_marks_say_so(ask):
    """19 calls are too few; two marks of a day stand together, also on a day without a call; today is not over."""
    days = ask("latency-days", "days", measure="queue")
    today = STARTED.astimezone(ZoneInfo("Asia/Shanghai")).date()
    thursday, friday, last = days[1], days[2], days[3]

    assert (thursday["measured"], thursday["p50"], thursday["few"], thursday["mark"]) == (19, None, 0, None)
    assert friday == {
        "day": "2026-11-20",
        "measured": 0,
        "p50": None,
        "p95": None,
        "p99": None,
        "few": None,
        "mark": 1,
        "mark_words": "note new disk, release 1.2",
    }
    assert (last["day"], last["measured"], last["few"]) == (today.isoformat(), 0, 0)
    if datetime.now(tz=ZoneInfo("Asia/Shanghai")).date() == today:
        assert (last["mark"], last["mark_words"]) == (1, "today, so far · 今天，还没结束")


def test_who_waited_over_two_seconds(ask):
    """3 of 6 ok requests by weight, one of two clients; the first sound counts, and 2 s are not over 2 s."""
    assert ask("latency-slow", "waits") == [
        {
            "measured": 6,
            "slow_percent": 50.0,
            "n_requests": "n=6",
            "clients": 2,
            "n_clients": "n=2",
            "slow_clients": "50 %",
        }
    ]
    assert ask("latency-waits", "waits") == [
        {
            "day": "2026-11-20",
            "requests": 8,
            "slow_share": 0.5,
            "slow_client_share": 0.5,
            "success_rate": 0.75,
            "availability": 0.875,
            "mark": None,
            "mark_words": None,
        }
    ]


def test_the_parts_of_a_request_add_up_to_its_total(ask):
    """Means over weights 1 and 3, a hit of the cache left out: 2.5 s in all."""
    split = {row["stage"]: row["seconds"] for row in ask("latency-stages", "stages")}

    assert split == {
        "queue": pytest.approx(0.55),
        "gpt": pytest.approx(0.75),
        "vocoder": pytest.approx(0.15),
        "rest of synthesis": pytest.approx(0.35),
        "encode": pytest.approx(0.125),
        "rest": pytest.approx(0.575),
    }
    assert sum(split.values()) == pytest.approx(2.5)
    assert {(row["engine"], row["requests"]) for row in ask("latency-stages", "stages")} == {("indextts2", 4)}


def test_lines_of_five_fields_say_what_they_lack(ask):
    """Each panel has a row that says so, where it has no figure."""
    no_queue = [("no queue in these lines · 这些行没有该值", 0)]

    assert [(r["part"], r["measured"]) for r in ask("latency-split", measure="queue", by="length", **APRIL)] == no_queue
    assert [(r["part"], r["measured"]) for r in ask("latency-split", measure="total", by="path", **APRIL)] == [
        ("way not said · 未说明方式", 1)
    ]
    assert [(r["measured"], r["few"]) for r in ask("latency-days", measure="queue", **APRIL)] == [(0, 0)]
    assert [row["slow_clients"] for row in ask("latency-slow", **APRIL)] == ["not said · 未说明"]
    assert [(row["engine"], row["seconds"]) for row in ask("latency-stages", **APRIL)] == [
        ("no synthesis_seconds in these lines · 这些行没有合成秒数", None)
    ]
