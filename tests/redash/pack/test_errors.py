"""Errors: what failed, by whose fault, and what was spoken but is probably wrong."""

from __future__ import annotations

import json

import pytest

THURSDAY, FRIDAY = "2026-11-19T02:00:00", "2026-11-20T02:00:00"  # 10:00 in Shanghai
OLDER = (
    "[2025-04-05 10:23:45] INFO - TextLen=120, Emotion=happy, Duration=2.3s, Success=True",
    "[2025-04-05 10:24:45] INFO - TextLen=20, Emotion=sad, Duration=0.3s, Success=False",
)
APRIL = {"period.start": "2025-04-01", "period.end": "2025-04-30"}
NOTHING = {"period.start": "2021-01-01", "period.end": "2021-01-02"}
GAP = "a" * 32
# Seconds of audio of a text of 100 characters, of 24 texts: quartiles 8 and 10, so a band from 2 to 16.
PACES = [1, *[8] * 5, *[10] * 12, *[12] * 5, 50]


@pytest.fixture(scope="module")
def lines(line, small_event):
    """Two days of faults, a voice with all signs of wrong audio, lines that were lost, and two of the older form."""
    failed = {"instance": "faults", "error_stage": "synth"}
    empty = {"status": "rejected", "fault": "client", "error_code": "EMPTY_TEXT", "error_stage": "validate"}
    faults = [
        *[line(THURSDAY, instance="faults", sample_weight=2.0)] * 6,
        line(THURSDAY, status="error", sample_weight=2.0, **failed),
        line(THURSDAY, **{**failed, **empty, "text_chars": 0, "text_bytes": 0}),
        line(THURSDAY, instance="faults", status="cancelled", fault="cancelled", error_code="CANCELLED"),
        line(FRIDAY, instance="faults", engine="indextts2", text_chars=151, text_bytes=151),
    ]
    voice = {"instance": "voice", "speaker": "zoe", "text_chars": 100, "text_bytes": 100}
    spoken = [line(FRIDAY, audio_seconds=float(seconds), **voice) for seconds in PACES]
    spoken[6] |= {"silence_ratio": 0.97}
    spoken[7] |= {"clipped_ratio": 0.02, "warnings": ["mel_truncated"]}
    spoken[8] |= {"audio_seconds": 5.0, "speed": 2.0}
    few = [line(FRIDAY, instance="voice", speaker="new", audio_seconds=seconds) for seconds in (0.1, 40.0)]
    lost = [json.dumps(line(FRIDAY, instance="gap", writer_id=GAP, seq=seq, request_id="r")) for seq in (1, 5)]
    full = small_event("tts.heartbeat", FRIDAY, 1, instance="gap", failed_writes=2, requests=7)
    marks = [
        small_event("tts.mark", FRIDAY, seq, instance="faults", kind=kind, label=label)
        for seq, (kind, label) in enumerate((("release", "1.2.0"), ("note", "new disk")), 2)
    ]
    return [*faults, *spoken, *few, *lost, full, *marks, *OLDER, '{"v":1,"event":"tts.request"}']


def test_success_counts_all_and_availability_the_services_faults_of_each_day(ask):
    """12 of 16 are ok, and 2 of 16 are the service's fault; two marks of a day are told in one."""
    assert ask("errors-by-day", "faults", **{"period.end": "2026-11-20"}) == [
        {
            "day": "2026-11-19",
            "requests": 16,
            "success_rate": pytest.approx(0.75),
            "availability": pytest.approx(0.875),
            "service_faults": 2,
            "client_faults": 1,
            "cancelled": 1,
            "mark": None,
            "mark_words": None,
        },
        {
            "day": "2026-11-20",
            "requests": 1,
            "success_rate": 1.0,
            "availability": 1.0,
            "service_faults": 0,
            "client_faults": 0,
            "cancelled": 0,
            "mark": 1,
            "mark_words": "note new disk, release 1.2.0",
        },
    ]


def test_the_totals_are_those_of_the_period_and_say_of_how_many(ask):
    """13 of 17 are ok; without a request there is no rate and a word why."""
    assert ask("errors-totals", "faults") == [
        {
            "requests": 17,
            "failed_requests": 4,
            "service_faults": 2,
            "success_percent": pytest.approx(100 * 13 / 17),
            "availability_percent": pytest.approx(100 * 15 / 17),
            "rates_note": "n=10",
        }
    ]
    assert ask("errors-totals", **NOTHING) == [
        {
            "requests": 0,
            "failed_requests": 0,
            "service_faults": 0,
            "success_percent": None,
            "availability_percent": None,
            "rates_note": "no request · 没有请求",
        }
    ]


def test_errors_are_counted_by_code_and_stage(ask):
    """The one with most comes first; a request without a stage is told as such."""
    at = "2026-11-19T10:00:00.000000"

    assert ask("errors-by", "faults", part="code") == [
        {"part": "SYNTH_FAILED", "fault": "service", "requests": 2, "newest_at": at},
        {"part": "CANCELLED", "fault": "cancelled", "requests": 1, "newest_at": at},
        {"part": "EMPTY_TEXT", "fault": "client", "requests": 1, "newest_at": at},
    ]
    assert {(row["part"], row["requests"]) for row in ask("errors-by", "faults", part="stage")} == {
        ("synth", 2),
        ("validate", 1),
        ("not said in these lines · 这些行未说明", 1),
    }


def test_success_by_engine_and_by_length(ask):
    """Engines by their requests; the classes of length from short to long."""
    engines = ask("errors-rates-by", "faults", part="engine")
    lengths = ask("errors-rates-by", "faults", part="length")
    short = {"requests": 16, "failed_requests": 4, "success_percent": 75.0, "availability_percent": 87.5}
    long = {"requests": 1, "failed_requests": 0, "success_percent": 100.0, "availability_percent": 100.0}

    assert engines == [{"part": "espeak", **short}, {"part": "indextts2", **long}]
    assert lengths == [{"part": "below 50", **short}, {"part": "above 150", **long}]


def test_an_engine_or_an_emotion_may_be_chosen(ask):
    """Whatever else there is, only its requests count."""
    assert ask("errors-totals", "faults", engine="indextts2")[0]["requests"] == 1
    assert ask("errors-totals", "faults", emotion="happy")[0]["requests"] == 0
    assert ask("errors-newest", "faults", engine="indextts2") == []


def test_the_newest_errors_come_first(ask):
    """With all that leads to the request."""
    newest = ask("errors-newest", "faults")

    assert [(row["local_at"], row["status"], row["error_code"], row["error_stage"]) for row in newest] == [
        ("2026-11-19T10:00:00.000000", "cancelled", "CANCELLED", ""),
        ("2026-11-19T10:00:00.000000", "rejected", "EMPTY_TEXT", "validate"),
        ("2026-11-19T10:00:00.000000", "error", "SYNTH_FAILED", "synth"),
    ]
    assert newest[0]["request_id"] == "r9"


def test_audio_is_probably_wrong_outside_of_the_band_of_its_voice(ask):
    """Quartiles .08 and .10 a character: below .02 and above .16 is far out; two signs of one request count once."""
    voices = {row["voice"]: row for row in ask("errors-wrong-audio", "voice")}

    assert voices["zoe (en)"] == {
        "voice": "zoe (en)",
        "spoken_requests": 24,
        "wrong": 4,
        "wrong_percent": pytest.approx(100 * 4 / 24),
        "too_long": 1,
        "too_short": 1,
        "silent": 1,
        "clipped": 1,
        "truncated": 1,
        "shortest_seconds": pytest.approx(0.02),
        "longest_seconds": pytest.approx(0.16),
    }
    assert (voices["new (en)"]["wrong"], voices["new (en)"]["longest_seconds"]) == (0, None)


def test_lines_without_audio_seconds_are_said(ask):
    """Five fields tell nothing of the sound; they fail with UNKNOWN, by the service's fault."""
    (row,) = ask("errors-wrong-audio", **APRIL)

    assert (row["voice"], row["spoken_requests"]) == ("these lines have no audio_seconds · 这些行没有 audio_seconds", 0)
    assert [(row["part"], row["fault"]) for row in ask("errors-by", part="code", **APRIL)] == [("UNKNOWN", "service")]
    assert [row["part"] for row in ask("errors-rates-by", part="engine", **APRIL)] == [
        "no engine in these lines · 这些行没有引擎"
    ]


def test_lost_lines_are_those_numbered_and_nowhere(ask):
    """Of 1 to 5 three are lost; a full disk swallowed two, and one line is in quarantine."""
    assert ask("errors-lost-lines") == [
        {"what": "numbered and nowhere · 有编号但不存在", "lines": 3, "writers": 1},
        {"what": "of these, could not be written · 其中无法写入", "lines": 2, "writers": 1},
        {"what": "set aside in quarantine · 已隔离", "lines": 1, "writers": 0},
        {"what": "bytes gone before they were read · 读取前消失的字节", "lines": 0, "writers": 0},
    ]
