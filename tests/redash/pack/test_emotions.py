"""Emotions: use, combinations, RTF and success at equal length with their intervals, GPU against calm, asked and applied."""

from __future__ import annotations

from math import sqrt

import pytest

FRIDAY = "2026-11-20T02:00:00"
OLDER = (
    "[2025-04-05 10:23:45] INFO - TextLen=120, Emotion=happy, Duration=2.3s, Success=True",
    "[2025-04-05 10:24:45] INFO - TextLen=20, Emotion=sad, Duration=0.3s, Success=False",
)
APRIL = {"period.start": "2025-04-01", "period.end": "2025-04-30"}
NO_SECONDS = "no synthesis and audio seconds in these lines · 这些行没有合成与音频秒数"


@pytest.fixture(scope="module")
def lines(line):
    """An instance for each test."""

    def spoken(instance, number, seconds, audio, **more):
        return [
            line(FRIDAY, instance=instance, synthesis_seconds=seconds, audio_seconds=audio, **more)
            for _ in range(number)
        ]

    use = [
        line(FRIDAY, instance="use", emotion="happy", sample_weight=3.0),
        line(FRIDAY, instance="use", emotion="happy", status="error", sample_weight=1.0),
        line("2026-11-21T02:00:00", instance="use", emotion="bored", status="rejected", fault="client"),
        *(line(FRIDAY, instance="use") for _ in range(5)),
    ]
    short, long = {"text_chars": 10, "text_bytes": 10}, {"text_chars": 100, "text_bytes": 100}
    equal = [
        *spoken("equal", 20, 1.0, 2.0, emotion="happy", **short),
        *(line(FRIDAY, instance="equal", emotion="happy", status="error", **short) for _ in range(5)),
        *spoken("equal", 20, 6.0, 10.0, emotion="happy", **long),
        *spoken("equal", 20, 0.5, 2.0, **short),
        *spoken("equal", 40, 5.0, 10.0, **long),
        *spoken("equal", 19, 50.0, 1.0, emotion="sad", engine="lonely", **short),
    ]
    uneven = [
        *spoken("uneven", 10, 1.0, 2.0, emotion="happy"),
        *spoken("uneven", 10, 3.0, 2.0, emotion="happy"),
        *(line(FRIDAY, instance="uneven", emotion="happy", status="error") for _ in range(5)),
    ]
    strong = [
        *spoken("strong", 10, 1.0, 2.0, emotion="sad", emotion_mode="preset", emotion_intensity=0.85),
        *spoken("strong", 10, 3.0, 2.0, emotion="sad", emotion_mode="preset", emotion_intensity=0.9),
        *spoken("strong", 19, 1.0, 2.0, emotion="sad", emotion_mode="preset", emotion_intensity=0.4),
        *spoken("strong", 20, 1.0, 2.0, emotion_intensity=0.4),
    ]
    gpu = [
        line(FRIDAY, instance="gpu", engine="e", emotion="calm", gpu_memory_peak_bytes=100, gpu_utilization=0.5),
        line(FRIDAY, instance="gpu", engine="f", emotion="calm", gpu_memory_peak_bytes=200),
        line(FRIDAY, instance="gpu", engine="e", emotion="happy", gpu_memory_peak_bytes=110, gpu_utilization=0.6),
        line(FRIDAY, instance="gpu", engine="f", emotion="happy", gpu_memory_peak_bytes=300, sample_weight=3.0),
        line(FRIDAY, instance="gpu", engine="g", emotion="happy", gpu_memory_peak_bytes=900),
    ]
    applied = [
        line(FRIDAY, instance="applied", emotion="happy", emotion_applied=True, sample_weight=4.0),
        line(FRIDAY, instance="applied", emotion="happy", emotion_applied=False),
        line(FRIDAY, instance="applied", emotion="sad", status="error"),
        line(FRIDAY, instance="applied"),
    ]
    sad_and_happy = [0.5, 0, 0.25, 0, 0, 0, 0, 0]
    weeks = [
        line("2026-11-15T15:59:59", instance="weeks", emotion="calm"),  # the last second of a Sunday
        line("2026-11-15T16:00:00", instance="weeks", emotion="happy", emotion_vector=sad_and_happy, sample_weight=3.0),
        line("2026-11-20T02:00:00", instance="weeks", emotion="sad", emotion_vector=[0] * 8),
        *(line(FRIDAY, instance="weeks", emotion=f"e{number}") for number in range(5)),
    ]
    return [*use, *equal, *uneven, *strong, *gpu, *applied, *weeks, *OLDER]


def test_use_is_counted_by_weight(ask):
    """Five neutral, four happy of which three worked, one of none of the nine."""
    assert [tuple(row.values()) for row in ask("emotions-use", "use")] == [
        ("neutral", 5, 50.0, 100.0, 100.0),
        ("happy", 4, 40.0, 75.0, 75.0),
        ("bored", 1, 10.0, 0.0, 100.0),
    ]
    friday, saturday = ask("emotions-days", "use")
    assert (friday["day"], friday["requests"], friday["neutral"], friday["happy"], friday["other"]) == (
        "2026-11-20",
        9,
        5.0,
        4.0,
        0.0,
    )
    assert (saturday["day"], saturday["requests"], saturday["other"], saturday["happy"]) == ("2026-11-21", 1, 1.0, 0.0)


def test_an_emotion_is_compared_inside_cells_of_equal_length(ask):
    """Happy: 0.5 and 0.6 against 30/80 and 320/600 of all; weighed by the audio of all: (40 + 360) / 350.

    Its success is 20 of 25 among the short and all of the long ones, weighed by all requests: (45 × 0.8 + 60) / 105.
    A cell with 19 of an emotion is not compared.
    """
    rows = {row["emotion"]: row for row in ask("emotions-equal", "equal")}
    happy, sad = rows["happy"], rows["sad"]
    short, long = 22 / 29, 22 / 24
    spread = 45**2 * short * (1 - short) / 29 + 60**2 * long * (1 - long) / 24

    assert (happy["n"], happy["measured"], happy["requests"], happy["compared"]) == (45, 40, 45, "happy")
    assert happy["slower_by"] == pytest.approx(100 * 400 / 350 - 100)
    assert happy["half"] == pytest.approx(0.0, abs=1e-4)
    assert happy["rtf"] == pytest.approx(140 / 240)
    assert happy["success_percent"] == pytest.approx(100 * 40 / 45)
    assert happy["availability_percent"] == pytest.approx(100 * 40 / 45)
    assert happy["success_equal"] == pytest.approx(100 * 96 / 105)
    assert happy["success_half"] == pytest.approx(100 * 1.96 * sqrt(spread) / 105)
    assert (sad["n"], sad["rtf"], sad["slower_by"], sad["half"], sad["success_equal"]) == (19, 50.0, None, None, None)


def test_a_cell_has_its_ratio_with_an_interval_and_its_success_with_wilsons(ask):
    """Half of 20 take 1 s and half 3 s for 2 s of audio: RTF 1 ± 1.96 · √(20 / 40² · 20 / 19); 20 of 25: 61 % to 91 %."""
    (cell,) = ask("emotions-cells", "uneven")

    assert (cell["emotion"], cell["text_length"], cell["n"], cell["measured"]) == ("happy", "021–050", 25, 20)
    assert cell["rtf"] == pytest.approx(1.0)
    assert cell["rtf_half"] == pytest.approx(1.96 * sqrt(20 / 40**2 * 20 / 19))
    assert cell["success_percent"] == pytest.approx(80.0)
    assert (round(cell["success_low"], 2), round(cell["success_high"], 2)) == (60.87, 91.14)


def test_intensities_fall_into_tenths_and_a_neutral_voice_has_none(ask):
    """0.85 and 0.9 are one step on both databases; 19 are too few for a figure."""
    assert [tuple(row.values()) for row in ask("emotions-intensity", "strong")] == [
        ("0.4", "espeak", 19, None, None),
        ("0.9", "espeak", 20, pytest.approx(1.0), pytest.approx(1.96 * sqrt(20 / 40**2 * 20 / 19))),
    ]


def test_the_gpu_of_an_emotion_is_held_against_calm_on_the_same_engine(ask):
    """110 / 100 once and 300 / 200 three times; an engine without a calm request is left out."""
    rows = {row["emotion"]: row for row in ask("emotions-gpu", "gpu")}

    assert rows["happy"]["memory_ratio"] == pytest.approx((1.1 + 3 * 1.5) / 4)
    assert rows["happy"]["utilization_ratio"] == pytest.approx(1.2)
    assert rows["happy"]["memory_bytes"] == pytest.approx((110 + 3 * 300 + 900) / 5)
    assert rows["happy"]["utilization_percent"] == pytest.approx(60.0)
    assert (rows["happy"]["n_memory"], rows["happy"]["n_utilization"]) == (3, 1)
    assert (rows["calm"]["memory_ratio"], rows["calm"]["utilization_ratio"]) == (pytest.approx(1), pytest.approx(1))


def test_what_became_of_an_emotion_that_was_asked_for(ask):
    """Applied, ignored, or not said where the request failed before; neutral asks for nothing."""
    assert [tuple(row.values()) for row in ask("emotions-applied", "applied")] == [
        ("happy", "applied", 4),
        ("happy", "ignored", 1),
        ("sad", "not said", 1),
    ]


def test_a_week_has_its_five_most_used_combinations(ask):
    """A vector says which were mixed, one of zeros nothing; weeks begin on Monday in the report time zone."""
    rows = ask("emotions-weeks", "weeks")

    assert [(row["week"], row["place"], row["combination"], row["requests"], row["days_seen"]) for row in rows] == [
        ("2026-11-16 – 2026-11-22", 1, "happy + sad", 3, 2),
        ("2026-11-16 – 2026-11-22", 2, "e0", 1, 2),
        ("2026-11-16 – 2026-11-22", 3, "e1", 1, 2),
        ("2026-11-16 – 2026-11-22", 4, "e2", 1, 2),
        ("2026-11-16 – 2026-11-22", 5, "e3", 1, 2),
        ("2026-11-09 – 2026-11-15", 1, "calm", 1, 1),
    ]
    assert rows[0]["share_percent"] == pytest.approx(100 * 3 / 9)


def test_lines_of_five_fields_say_what_they_lack(ask):
    """They have emotions and successes, and neither RTF, nor intensity, nor a GPU."""
    assert [(row["emotion"], row["requests"]) for row in ask("emotions-use", **APRIL)] == [("happy", 1), ("sad", 1)]
    assert {row["compared"] for row in ask("emotions-cells", **APRIL)} == {NO_SECONDS}
    assert {row["compared"] for row in ask("emotions-equal", **APRIL)} == {NO_SECONDS}
    assert [(row["intensity"], row["rtf"]) for row in ask("emotions-intensity", **APRIL)] == [
        ("no intensity of an emotion in these lines · 这些行没有情感强度", None)
    ]
    assert [(row["emotion"], row["n_memory"]) for row in ask("emotions-gpu", **APRIL)] == [
        ("no GPU figures of calm requests in these lines · 这些行没有平静请求的 GPU 数据", 0)
    ]
    assert {row["outcome"] for row in ask("emotions-applied", **APRIL)} == {"not said"}
