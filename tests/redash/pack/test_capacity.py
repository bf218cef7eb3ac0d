"""Capacity: how full workers and GPUs are, what is left, and how it grows."""

from __future__ import annotations

import math

import pytest

HOUR = "2026-11-20T02"  # 10 o'clock in Shanghai
OLDER = "[2025-04-05 10:23:45] INFO - TextLen=120, Emotion=happy, Duration=2.3s, Success=True"
APRIL = {"period.start": "2025-04-01", "period.end": "2025-04-30"}
NOTHING = {"period.start": "2021-01-01", "period.end": "2021-01-02"}
FRIDAY = {"period.start": "2026-11-20", "period.end": "2026-11-20"}
# Moment, mean utilization and used GiB of 24; the third is silent for ten minutes, after the last nothing is known.
BEATS = ((f"{HOUR}:00:00", 0.5, 6), (f"{HOUR}:01:00", 0.25, 12), (f"{HOUR}:02:00", 1.0, 9), (f"{HOUR}:12:00", None, 6))
MONTHS = {"2026-01-15": 5.0, "2026-02-10": 10.0, "2026-03-10": 20.0, "2026-04-10": 60.0, "2026-05-03": 4.0}


@pytest.fixture(scope="module")
def lines(line, small_event):
    """Heartbeats of two workers and a GPU, the requests of three hours, five months of growth, and the older form."""
    beats = [
        small_event(
            "tts.heartbeat",
            ts,
            seq,
            instance="busy",
            workers_configured=2,
            workers_up=2,
            requests=seq,
            gpus=[
                {
                    "index": 0,
                    "uuid": "ab12cd34",
                    "name": "L4",
                    "utilization_mean": utilization,
                    "memory_used_bytes": used * 2**30,
                    "memory_total_bytes": 24 * 2**30,
                }
            ],
        )
        for seq, (ts, utilization, used) in enumerate(BEATS, 1)
    ]
    busy = [
        line(f"{HOUR}:00:30", instance="busy", synthesis_seconds=9.0, total_seconds=12.0, sample_weight=2.0),
        line(f"{HOUR}:01:30", instance="busy", synthesis_seconds=6.0, total_seconds=12.0, in_flight=3, queue_depth=1),
        line(f"{HOUR}:40:00", instance="busy", status="timeout", total_seconds=0.0, queue_depth=4),
    ]
    gpu = {"engine": "indextts2", "gpu_name": "L4"}
    load = [
        line(f"{HOUR}:00:00", instance="load", audio_seconds=4.0, gpu_seconds=2.0, sample_weight=2.0, **gpu),
        line(f"{HOUR}:30:00", instance="load", audio_seconds=6.0, gpu_seconds=1.0, **gpu),
        line(f"{HOUR}:45:00", instance="load", status="error", **gpu),
        line("2026-11-20T04:00:00", instance="load", audio_seconds=3.0),
    ]
    months = [line(f"{day}T04:00:00", instance="growth", sample_weight=calls) for day, calls in MONTHS.items()]
    mark = small_event("tts.mark", f"{HOUR}:30:00", 9, instance="load", kind="release", label="2.0")
    return [*busy, *load, *months, *beats, mark, OLDER]


def drawn(rows):
    return [(row["at"], row["series"], row["value"], row["n"]) for row in rows]


def test_workers_are_busy_for_their_share_of_the_time(ask):
    """24 seconds of synthesis in 2 × (60 + 60 + 120) seconds; GPUs .5 × 60 + .25 × 60 + 1 × 120 of 240."""
    at = "2026-11-20T10:00:00"

    assert drawn(ask("capacity-busy", "busy", **FRIDAY)) == [
        (at, "GPUs busy", pytest.approx(0.6875), 3),
        (at, "GPUs idle", pytest.approx(0.3125), 3),
        (at, "workers busy", pytest.approx(24 / 480), 4),
    ]


def test_concurrency_is_littles_law_beside_the_most_that_was_met(ask):
    """2 × 12 + 12 seconds in an hour are a hundredth of a request on average."""
    at = "2026-11-20T10:00:00"

    assert drawn(ask("capacity-concurrency", "busy", **FRIDAY)) == [
        (at, "most at work", 3, 3),
        (at, "most waiting", 4, 3),
        (at, "there on average", pytest.approx(0.01), 3),
    ]


def test_headroom_is_that_of_the_tightest_heartbeat(ask):
    """12 of 24 GiB at the most, and busy for 58 % on average."""
    assert drawn(ask("capacity-gpu-memory", "busy", **FRIDAY)) == [("2026-11-20T10:00:00", "L4 ab12cd34", 0.5, 4)]
    assert ask("capacity-gpus", "busy", **FRIDAY) == [
        {
            "gpu": "L4 ab12cd34",
            "heartbeats": 4,
            "busy_percent": pytest.approx(100 * 1.75 / 3),
            "idle_percent": pytest.approx(100 - 100 * 1.75 / 3),
            "most_used_bytes": 12 * 2**30,
            "total_bytes": 24 * 2**30,
            "headroom_bytes": 12 * 2**30,
            "newest_at": "2026-11-20T10:12:00.000000",
        }
    ]


def test_an_hour_without_a_call_is_a_zero_and_a_mark_an_upright_line(ask):
    """From 10 to 12 o'clock; the release at half past ten reaches up to the highest value."""
    assert drawn(ask("capacity-load", "load", figure="calls", **FRIDAY)) == [
        ("2026-11-20T10:00:00", "espeak", 0, 0),
        ("2026-11-20T10:00:00", "indextts2", 4, 3),
        ("2026-11-20T10:30:00", "release 2.0", 0, None),
        ("2026-11-20T10:30:01", "release 2.0", 4, None),
        ("2026-11-20T11:00:00", "espeak", 0, 0),
        ("2026-11-20T11:00:00", "indextts2", 0, 0),
        ("2026-11-20T12:00:00", "espeak", 1, 1),
        ("2026-11-20T12:00:00", "indextts2", 0, 0),
    ]
    audio = ask("capacity-load", "load", figure="audio_seconds", engine="indextts2", **FRIDAY)
    assert drawn(audio)[0] == ("2026-11-20T10:00:00", "indextts2", 14, 2)


def test_a_gpu_second_gives_so_many_seconds_of_audio(ask):
    """(2 × 4 + 6) / (2 × 2 + 1) of the requests that have both."""
    yielded = [one for one in drawn(ask("capacity-gpu-yield", "load", **FRIDAY)) if one[1] != "release 2.0"]

    assert yielded == [("2026-11-20T00:00:00", "indextts2 · L4", pytest.approx(2.8), 2)]
    assert ask("capacity-totals", "load", **FRIDAY) == [
        {
            "requests": 5,
            "audio_hours": pytest.approx(17 / 3600),
            "audio_note": "",
            "busiest_hour_requests": 4,
            "audio_seconds_per_gpu_second": pytest.approx(2.8),
            "yield_note": "",
        }
    ]


def test_growth_is_forecast_from_full_months_with_an_interval(ask):
    """10, 20, 60 in February to April: 30 on average, 25 more each month, 12.7 standard errors of one degree of freedom."""
    rows = {row["month"]: row for row in ask("capacity-growth", "growth", figure="calls")}
    half = 12.706 * math.sqrt(150) * math.sqrt(1 + 1 / 3 + 4 / 2)

    assert [(month, row["whole_month"], row["part_month"]) for month, row in rows.items()] == [
        ("2026-01", None, 5.0),
        ("2026-02", 10.0, None),
        ("2026-03", 20.0, None),
        ("2026-04", 60.0, None),
        ("2026-05", None, 4.0),
        ("2026-06", None, None),
        ("2026-07", None, None),
    ]
    assert [rows[month]["forecast"] for month in ("2026-05", "2026-06", "2026-07")] == [
        pytest.approx(80.0),
        pytest.approx(105.0),
        pytest.approx(130.0),
    ]
    assert (rows["2026-05"]["low"], rows["2026-05"]["high"]) == (0, pytest.approx(80 + half))
    assert {row["months_fitted"] for row in rows.values()} == {3}


def test_two_months_are_no_trend(ask):
    """There is no forecast, and the months are drawn all the same."""
    rows = ask("capacity-growth", "load", figure="calls")

    assert [(row["month"], row["part_month"], row["forecast"], row["months_fitted"]) for row in rows] == [
        ("2026-11", 5.0, None, 0)
    ]


def test_lines_of_five_fields_say_what_they_lack(ask):
    """Each panel has one series, row or note that says so."""
    said = {
        "capacity-busy": "these lines have no heartbeats · 这些行没有心跳",
        "capacity-concurrency": "these lines have no queue_depth and no in_flight · 这些行没有 queue_depth 和 in_flight",
        "capacity-gpu-memory": "these lines have no heartbeat with GPU memory · 这些行没有含显存的心跳",
        "capacity-gpu-yield": "these lines have no gpu_seconds · 这些行没有 gpu_seconds",
    }
    totals = ask("capacity-totals", **APRIL)[0]
    audio = ask("capacity-load", figure="audio_seconds", **APRIL)

    assert {slug: {row["series"] for row in ask(slug, **APRIL)} & {words} for slug, words in said.items()} == {
        slug: {words} for slug, words in said.items()
    }
    assert {row["series"] for row in audio} == {"these lines have no audio_seconds · 这些行没有 audio_seconds"}
    assert (
        ask("capacity-gpus", **APRIL)[0]["gpu"] == "these lines have no heartbeat with a GPU · 这些行没有含 GPU 的心跳"
    )
    assert (totals["requests"], totals["audio_hours"], totals["audio_note"], totals["yield_note"]) == (
        1,
        None,
        "not in these lines · 这些行没有",
        "not in these lines · 这些行没有",
    )
    assert ask("capacity-totals", **NOTHING)[0]["yield_note"] == "no request · 没有请求"
