"""Users and releases: who comes back, who uses most, what a release changed, and which variant is better."""

from __future__ import annotations

import math

import pytest

ANNA, BEN, CARL = "a" * 16, "b" * 16, "c" * 16
OLDER = "[2025-04-05 10:23:45] INFO - TextLen=120, Emotion=happy, Duration=2.3s, Success=True"
APRIL = {"period.start": "2025-04-01", "period.end": "2025-04-30"}
LATE = {"period.start": "2026-11-09", "period.end": "2026-11-19"}
# Week of 2 November: Anna, and Ben on its Monday; week of the 9th: Carl for the first time, and Anna on its Sunday; she
# comes in the third too.
VISITS = ((ANNA, "03"), (BEN, "02"), (ANNA, "15"), (CARL, "12"), (ANNA, "18"))


@pytest.fixture(scope="module")
def lines(line, small_event):
    """Three clients in three weeks, two releases with voices before and after, an experiment, and the older form."""
    users = [
        line(f"2026-11-{day}T04:00:00", instance="users", client_hash=client, hash_key_id="k", audio_seconds=3600.0)
        for client, day in VISITS
    ]
    users[3] |= {"sample_weight": 4.0, "speaker": "zoe", "language": "zh", "source": "webui"}
    unknown = line("2026-11-13T04:00:00", instance="users", audio_seconds=1800.0)
    releases = [
        *[line("2026-11-08T04:00:00", instance="rel", speaker="zoe", total_seconds=1.0)] * 20,
        *[line("2026-11-12T04:00:00", instance="rel", speaker="zoe", total_seconds=2.0, synthesis_seconds=1.0)] * 90,
        *[line("2026-11-12T04:00:00", instance="rel", speaker="zoe", status="error")] * 10,
        *[line("2026-11-08T04:00:00", instance="rel", speaker="max")] * 50,
        *[line("2026-11-12T04:00:00", instance="rel", speaker="max")] * 25,
        *[line("2026-11-12T04:00:00", instance="rel", speaker="max", status="error")] * 25,
        *[line("2026-11-08T04:00:00", instance="rel", speaker="new")] * 19,
        *[line("2026-11-12T04:00:00", instance="rel", speaker="new")] * 19,
    ]
    arms = [
        line("2026-11-08T04:00:00", instance="ab", experiment="e", variant=variant, synthesis_seconds=seconds)
        for variant, seconds in (("a", 0.4), ("a", 0.8), ("b", 1.6), ("b", 2.0))
    ]
    release = small_event("tts.mark", "2026-11-10T00:00:00", 1, instance="rel", kind="release", label="2.0")
    return [*users, unknown, *releases, *arms, release, OLDER]


def test_clients_are_new_once_in_the_whole_database(ask):
    """From the 9th on Anna and Carl came; Anna had been there before."""
    totals = ask("users-totals", "users", **LATE)
    days = ask("users-by-day", "users", **LATE)

    assert totals == [
        {
            "clients": 2,
            "new_clients": 1,
            "clients_note": "",
            "requests": 7,
            "audio_hours": pytest.approx(6.5),
            "audio_note": "",
        }
    ]
    assert [(row["at"][8:10], row["series"], row["value"]) for row in days] == [
        ("12", "active", 1),
        ("12", "new", 1),
        ("12", "seen before", 0),
        ("15", "active", 1),
        ("15", "new", 0),
        ("15", "seen before", 1),
        ("18", "active", 1),
        ("18", "new", 0),
        ("18", "seen before", 1),
    ]


def test_a_cohort_is_the_week_of_the_first_request(ask):
    """Of Anna and Ben one came back in each of the two weeks after."""
    assert [
        (row["cohort"], row["week"], row["retained_clients"], row["retained_percent"])
        for row in ask("users-cohorts", "users")
    ] == [
        ("2026-11-02 (n = 2)", "00", 2, 100.0),
        ("2026-11-02 (n = 2)", "01", 1, 50.0),
        ("2026-11-02 (n = 2)", "02", 1, 50.0),
        ("2026-11-09 (n = 1)", "00", 1, 100.0),
    ]


def test_the_client_with_most_audio_comes_first(ask):
    """Carl's one line stands for four requests."""
    top = ask("users-top", "users")

    assert [(row["client"], row["customer"], row["requests"], row["audio_seconds"]) for row in top] == [
        (CARL, "", 4, 14400.0),
        (ANNA, "", 3, 10800.0),
        (BEN, "", 1, 3600.0),
        ("no client_hash · 没有 client_hash", "", 1, 1800.0),
    ]
    assert top[0]["audio_percent"] == pytest.approx(100 * 14400 / 30600)
    assert (top[0]["success_percent"], top[0]["availability_percent"]) == (100.0, 100.0)


@pytest.mark.parametrize(
    ("part", "first", "second"),
    [
        ("voice", ("no voice in these lines · 这些行未说明", 5), ("zoe", 4)),
        ("language", ("en", 5), ("zh", 4)),
        ("source", ("api", 5), ("webui", 4)),
    ],
)
def test_use_is_counted_by_part(ask, part, first, second):
    """Five requests of the one, and one line that stands for four of the other."""
    rows = ask("users-mix", "users", part=part)

    assert [(row["part"], row["requests"]) for row in rows] == [first, second]
    assert [row["share"] for row in rows] == [pytest.approx(5 / 9), pytest.approx(4 / 9)]


def test_a_release_is_held_against_what_was_before(ask):
    """134 of 169 requests after it are ok, all 89 before; the sum of synthesis grew from a quarter of the audio."""
    before, after = ask("releases-changes", "rel", **LATE | {"period.start": "2026-11-01"})
    rtf = (90 * 1.0 + 44 * 0.5) / (134 * 2.0)

    assert before == {
        "instance": "rel",
        "released_at": "–",
        "release": "before · 之前",
        "requests": 89,
        "success_percent": 100.0,
        "availability_percent": 100.0,
        "p50_seconds": 1.0,
        "p95_seconds": None,
        "rtf": pytest.approx(0.25),
        "success_change": None,
        "availability_change": None,
        "p95_change_percent": None,
        "rtf_change_percent": None,
    }
    assert after == {
        "instance": "rel",
        "released_at": "2026-11-10 08:00",
        "release": "2.0",
        "requests": 169,
        "success_percent": pytest.approx(100 * 134 / 169),
        "availability_percent": pytest.approx(100 * 134 / 169),
        "p50_seconds": 2.0,
        "p95_seconds": 2.0,
        "rtf": pytest.approx(rtf),
        "success_change": pytest.approx(100 * 134 / 169 - 100),
        "availability_change": pytest.approx(100 * 134 / 169 - 100),
        "p95_change_percent": None,
        "rtf_change_percent": pytest.approx(400 * rtf - 100),
    }


def test_who_suffered_is_told_with_both_sides(ask):
    """Max lost half of his requests; 10 of Zoe's 100 may be chance beside 20, but she speaks slower; 19 are too few."""
    rows = ask("releases-suffered", "rel", part="voice", **LATE | {"period.start": "2026-11-01"})

    assert [
        (row["part"], row["verdict"], row["n_before"], row["n_after"], row["success_after_percent"]) for row in rows
    ] == [
        ("max", "fails more · 失败更多", 50, 50, 50.0),
        ("zoe", "slower · 更慢", 20, 100, 90.0),
    ]
    assert [row["rtf_change_percent"] for row in rows] == [0.0, 100.0]


def test_variants_stand_side_by_side_with_their_intervals(ask):
    """RTF .2 and .4 against .8 and 1: the difference of .6 leaves out 0. Success is 1 of both, by Wilson not surely."""
    first, second = ask("releases-ab", "ab", measure="rtf")
    success = ask("releases-ab", "ab", measure="success")

    assert first == {
        "arm": "e a",
        "experiment": "e",
        "variant": "a",
        "n": 2,
        "mean": pytest.approx(0.3),
        "half": pytest.approx(1.96 * 0.1),
        "difference": None,
        "difference_half": None,
        "verdict": "compared with · 对照",
    }
    assert (second["mean"], second["difference"]) == (pytest.approx(0.9), pytest.approx(0.6))
    assert (second["difference_half"], second["verdict"]) == (pytest.approx(1.96 * math.sqrt(0.02)), "higher · 更高")
    assert [(row["mean"], row["verdict"]) for row in success] == [
        (1.0, "compared with · 对照"),
        (1.0, "no difference shown · 未见差异"),
    ]
    assert success[0]["half"] == pytest.approx(1.96 * math.sqrt(0.9604 / 4) / (1 + 3.8416 / 2))


def test_lines_of_five_fields_say_what_they_lack(ask):
    """No client, no release, no experiment: a row, a series or a note says it."""
    totals = ask("users-totals", **APRIL)[0]

    assert (totals["clients"], totals["new_clients"], totals["clients_note"], totals["audio_note"]) == (
        None,
        None,
        "not in these lines · 这些行没有",
        "not in these lines · 这些行没有",
    )
    assert {row["series"] for row in ask("users-by-day", **APRIL)} == {
        "these lines have no client_hash · 这些行没有 client_hash"
    }
    assert [row["cohort"] for row in ask("users-cohorts", **APRIL)] == [
        "these lines have no client_hash · 这些行没有 client_hash"
    ]
    assert [row["client"] for row in ask("users-top", **APRIL)] == ["no client_hash · 没有 client_hash"]
    assert [row["part"] for row in ask("releases-suffered", part="voice", **APRIL)] == [
        "no release mark in this period · 此时间段没有发布标记"
    ]
    assert [row["arm"] for row in ask("releases-ab", measure="rtf", **APRIL)] == [
        "no experiment in these lines · 这些行没有实验"
    ]
