"""The cost curve: seconds of a token by the number of tokens, its shape, days, single requests and repeats."""

from __future__ import annotations

import pytest

FRIDAY = "2026-11-20T02:00:00"
OLDER = "[2025-04-05 10:23:45] INFO - TextLen=120, Emotion=happy, Duration=2.3s, Success=True"
APRIL = {"period.start": "2025-04-01", "period.end": "2025-04-30"}


@pytest.fixture(scope="module")
def lines(line):
    """An instance for each test."""

    def spoken(instance, tokens, seconds, number=1, **more):
        return [
            line(FRIDAY, instance=instance, text_tokens=tokens, synthesis_seconds=seconds, model="M", **more)
            for _ in range(number)
        ]

    buckets = [
        one
        for tokens in (19, 20, 49, 50, 199, 200, 300, 301)
        for one in spoken("buckets", tokens, tokens / 10, model_version="2", vocoder="hifigan")
    ]
    weighed = [
        *spoken("weighed", 10, 1.0, gpu_seconds=0.5, sample_weight=3.0),
        *spoken("weighed", 15, 3.0),
        *spoken("weighed", 100, 9.0, cache_hit=True),
        *spoken("weighed", 100, 9.0, status="error"),
        line(FRIDAY, instance="weighed", synthesis_seconds=99.0, model="M"),
    ]
    curve = [
        *spoken("curve", 41, 4.1, number=4),
        *spoken("curve", 46, 5.4),
        *spoken("curve", 399, 1.0, number=4),
        *spoken("curve", 449, 44.9, number=5, gpu_seconds=22.45),
    ]
    shape = [
        *spoken("shape", 10, 0.65, number=20),  # 0.5 + 10 × 0.015
        *spoken("shape", 20, 0.7, number=10),  # 0.5 + 20 × 0.01
        *spoken("shape", 100, 1.5, number=20),
        *spoken("shape", 240, 3.96, number=5),  # 1.1 times the plateau
        *spoken("shape", 250, 4.4, number=4),
        *spoken("shape", 261, 26.1, number=5),
        *spoken("shape", 320, 9.6, number=20),
    ]
    repeats = [
        *spoken("repeats", 10, 1.0, gpu_seconds=0.5, repeat=True, sample_weight=3.0),
        *spoken("repeats", 10, 4.0, gpu_seconds=2.5, repeat=False),
        *spoken("repeats", 10, 3.0),
        line(FRIDAY, instance="repeats", cache_hit=True, repeat=True, synthesis_seconds=None, sample_weight=5.0),
    ]
    days = [
        *spoken("days", 10, 1.0, number=10, gpu_seconds=0.5, repeat=True),
        *spoken("days", 30, 2.0, number=10, repeat=False),
    ]
    points = spoken("points", 10, 1.0, number=1600)
    return [*buckets, *weighed, *curve, *shape, *repeats, *days, *points, OLDER]


def test_texts_fall_into_five_buckets_of_tokens(ask):
    """Below 20, below 50, below 200, up to 300, over 300: a tenth of a second a token in each."""
    rows = ask("cost-buckets", "buckets")

    assert [(row["token_bucket"], row["model"], row["n"]) for row in rows] == [
        ("< 20", "M 2 · hifigan", 1),
        ("20–50", "M 2 · hifigan", 2),
        ("50–200", "M 2 · hifigan", 2),
        ("200–300", "M 2 · hifigan", 2),
        ("> 300", "M 2 · hifigan", 1),
    ]
    assert [row["seconds_per_token"] for row in rows] == [pytest.approx(0.1)] * 5
    assert [row["request_share"] for row in rows] == [pytest.approx(share / 8) for share in (1, 2, 2, 2, 1)]
    assert [row["seconds_share"] for row in rows] == [
        pytest.approx(tokens / 1138) for tokens in (19, 69, 249, 500, 301)
    ]


def test_seconds_of_a_token_are_sums_over_sums_of_what_was_spoken(ask):
    """(3 × 1 + 3) / (3 × 10 + 15), and the GPU's over its own tokens; no hit of the cache, no failure, no unknown."""
    (row,) = ask("cost-buckets", "weighed")

    assert (row["n"], row["requests"], row["request_share"]) == (2, 4, 1.0)
    assert row["seconds_per_token"] == pytest.approx(6 / 45)
    assert row["gpu_seconds_per_token"] == pytest.approx(0.05)


def test_the_curve_goes_in_steps_of_at_least_five_requests(ask):
    """4 × 41 and 46 tokens are one step of ten, drawn at their mean; 449 falls into a step of fifty; four are too few."""
    synthesis = ask("cost-curve", "curve", seconds="synthesis")
    gpu = ask("cost-curve", "curve", seconds="gpu")

    assert [tuple(row.values()) for row in synthesis] == [
        (pytest.approx(42.0), "M", pytest.approx(21.8 / 210), 5),
        (pytest.approx(449.0), "M", pytest.approx(0.1), 5),
    ]
    assert [tuple(row.values()) for row in gpu] == [(pytest.approx(449.0), "M", pytest.approx(0.05), 5)]


def test_overhead_plateau_and_bend_are_found(ask):
    """A line of 0.5 s and 0.01 s a token; a token costs 0.015 s from 50 to 200, 0.065 s below 20, 0.03 s over 300.

    240 tokens cost too little more to be the bend, 250 have too few requests, 261 have both.
    """
    (row,) = ask("cost-shape", "shape")
    seconds = 20 * 0.65 + 10 * 0.7 + 20 * 1.5 + 5 * 3.96 + 4 * 4.4 + 5 * 26.1 + 20 * 9.6

    assert (row["model"], row["n"], row["bend_tokens"]) == ("M", 84, "260")
    assert row["overhead_seconds"] == pytest.approx(0.5)
    assert row["plateau"] == pytest.approx(0.015)
    assert row["tiny_premium"] == pytest.approx(100 * 0.065 / 0.015 - 100)
    assert row["long_premium"] == pytest.approx(100.0)
    assert row["tiny_percent"] == pytest.approx(100 * 20 / 84)
    assert row["tiny_seconds_percent"] == pytest.approx(100 * 13 / seconds)


def test_seconds_spent_on_repeats(ask):
    """By weight: 1.5 of 4 GPU seconds and 3 of 10 synthesis seconds were spoken again; the cache took five requests."""
    rows = {row["kind"].split(" · ")[0]: row for row in ask("cost-repeats", "repeats")}
    shares = {kind: (row["gpu_share"], row["synthesis_share"], row["request_share"]) for kind, row in rows.items()}

    assert shares == {
        "from the cache": (0.0, 0.0, 0.5),
        "spoken again": (0.375, 0.3, pytest.approx(0.3)),
        "first time": (0.625, 0.4, pytest.approx(0.1)),
        "not said in these lines": (0.0, 0.3, pytest.approx(0.1)),
    }


def test_a_day_has_its_cost_of_a_token_its_tiny_requests_and_its_repeats(ask):
    """30 s over 400 tokens; ten of twenty are tiny; 5 GPU seconds of 25 (synthesis where there is no GPU) on repeats.

    Ten requests with GPU seconds are too few for those of a token.
    """
    (row,) = ask("cost-days", "days")

    assert (row["measured"], row["few"], row["unknown"], row["mark"]) == (20, None, None, None)
    assert row["seconds_per_token"] == pytest.approx(0.075)
    assert row["gpu_seconds_per_token"] is None
    assert row["tiny_share"] == pytest.approx(0.5)
    assert row["repeat_share"] == pytest.approx(0.2)


def test_single_requests_are_a_sample_over_the_whole_period(ask):
    """Every second of 1600, and all of a few."""
    assert len(ask("cost-points", "points", seconds="synthesis")) == 800
    assert len(ask("cost-points", "curve", seconds="synthesis")) == 14
    assert [tuple(row.values()) for row in ask("cost-points", "curve", seconds="gpu")] == [
        (449, "M", pytest.approx(0.05), 22.45)
    ] * 5


def test_lines_of_five_fields_say_what_they_lack(ask):
    """Each panel has a row that says so."""
    nothing = "no text_tokens with synthesis_seconds in these lines · 这些行没有词元数与合成秒数"

    assert [(row["token_bucket"], row["seconds_per_token"]) for row in ask("cost-buckets", **APRIL)] == [
        (nothing, None)
    ]
    assert [(row["model"], row["n"]) for row in ask("cost-shape", **APRIL)] == [(nothing, 0)]
    assert [row["model"] for row in ask("cost-curve", seconds="gpu", **APRIL)] == [
        "fewer than 5 requests with text_tokens and gpu_seconds · 带词元数与秒数的请求不足 5 条"
    ]
    assert [row["model"] for row in ask("cost-points", seconds="gpu", **APRIL)] == [
        "no text_tokens with gpu_seconds in these lines · 这些行没有词元数与秒数"
    ]
    assert [(row["few"], row["unknown"]) for row in ask("cost-days", **APRIL)] == [(0, 0)]
    assert [row["kind"] for row in ask("cost-repeats", **APRIL)] == ["not said in these lines · 这些行未说明"]
