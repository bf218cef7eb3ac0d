"""The pipeline: freshness, lag, rejects, gaps and batches; and what the lines carry at all."""

from __future__ import annotations

import json
import re

import pytest

OLDER = "[2025-04-05 10:23:45] INFO - TextLen=120, Emotion=happy, Duration=2.3s, Success=True"
APRIL = {"period.start": "2025-04-01", "period.end": "2025-04-30"}
GAP, WHOLE = "a" * 32, "b" * 32


@pytest.fixture(scope="module")
def lines(line):
    """Two writers, one of which lost lines; a hole of a day; a banner, a blank, and two lines that are wrong."""

    def numbered(ts, writer_id, seq, **more):
        return json.dumps(line(ts, writer_id=writer_id, seq=seq, request_id="r", **more))

    gap = [numbered(f"2026-11-16T02:00:0{seq}", GAP, seq, instance="gap") for seq in (1, 2, 6, 7)]
    refused = json.dumps(
        {"v": 1, "event": "tts.request", "ts": "2026-11-16T02:00:05.000000Z", "writer_id": GAP, "seq": 5}
    )
    whole = [numbered(f"2026-11-18T02:00:0{seq}", WHOLE, seq, instance="whole") for seq in (1, 2)]
    measured = [
        line("2026-11-18T03:00:00", instance="measured", queue_seconds=0.5, text_tokens=9, sample_weight=3.0),
        line("2026-11-18T03:00:00", instance="measured"),
        line("2026-11-18T03:00:00", instance="measured", status="error", vocoder="hifigan"),
    ]
    return [*gap, refused, *whole, *measured, "Voxmeter 1.0 is up", "", '{"v":1,"event":"tts.request"}', OLDER]


def test_a_writer_lost_what_is_neither_a_row_nor_in_quarantine(ask):
    """Of 1 to 7 four are rows and one is in quarantine: two are lost. Nothing lost, or nothing numbered, is said."""
    assert ask("pipeline-gaps", "gap") == [
        {
            "writer_id": GAP,
            "instance": "gap",
            "first_at": "2026-11-16T10:00:01.000000",
            "last_at": "2026-11-16T10:00:07.000000",
            "lines": 4,
            "lost": 2,
        }
    ]
    assert [(row["writer_id"], row["lines"], row["lost"]) for row in ask("pipeline-gaps", "whole")] == [
        ("none missing · 没有缺失", 2, 0)
    ]
    assert [(row["writer_id"], row["lines"], row["lost"]) for row in ask("pipeline-gaps", **APRIL)] == [
        ("no numbered lines in this period · 此时间段没有编号的行", 0, 0)
    ]


def test_a_day_without_a_row_is_a_hole(ask):
    """16 and 18 November have rows."""
    days = ask("pipeline-days", **{"period.start": "2026-11-01", "period.end": "2026-11-19"})

    assert [(row["day"], row["lines"], row["hole"]) for row in days] == [
        ("2026-11-16", 4, None),
        ("2026-11-17", 0, 0),
        ("2026-11-18", 5, None),
    ]


def test_the_ledger_tells_what_became_of_the_lines_of_a_day(ask):
    """Ten of twelve request lines were loaded just now; a banner and a blank line were skipped; before, nothing was loaded."""
    *before, row = ask("pipeline-loads")

    assert [(day["batches"], day["loaded"], day["rejected_percent"]) for day in before] == [(0, 0, None)] * 6
    assert row["day_words"] == f"{row['day']} UTC" > before[-1]["day_words"]
    assert (row["loaded"], row["quarantined"], row["duplicate"], row["skipped"], row["expired"]) == (10, 2, 0, 2, 0)
    assert row["rejected_percent"] == pytest.approx(100 * 2 / 12)
    assert (row["bytes"] > 0, row["batches"] >= 1, row["batch_seconds"] >= 0) == (True, True, True)


def test_the_newest_batches_hold_every_line_of_the_file(ask):
    """Their counters are those of the day."""
    batches = ask("pipeline-batches")

    assert {row["last_path"].rpartition("/")[2] for row in batches} == {"filled.log"}
    assert [sum(row[name] for row in batches) for name in ("n_ok", "n_dup", "n_quarantined", "n_skipped")] == [
        10,
        0,
        2,
        2,
    ]
    assert sum(row["bytes"] for row in batches) == ask("pipeline-loads")[-1]["bytes"]


def test_nothing_waits_and_two_lines_are_in_quarantine(ask):
    """Right after a pass; sizes and ages are texts, since a counter of Redash knows neither MiB nor minutes."""
    state = ask("pipeline-state")[0]
    source = ask("pipeline-sources")[0]

    assert state == {
        "lag_bytes": 0,
        "waiting_seconds": 0.0,
        "not_ready_archives": 0,
        "quarantined_lines": 2,
        "lost_bytes": 0,
        "lag": "0 B",
        "waiting": "0 s",
        "lost": "0 B",
    }
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", source["last_success"])
    assert (source["waiting_since"], source["watch_seen"]) == ("–", "–")
    assert (source["source_id"], source["lag"], source["watch"], source["last_error"], source["timezone"]) == (
        "default",
        "0 B",
        "none · 无",
        "–",
        "UTC",
    )


def test_the_strip_says_how_far_the_figures_can_be_trusted(ask):
    """The newest line is days old, the last pass was just now, and two of twelve request lines are not in."""
    trust = ask("trust")[0]

    assert (trust["report_timezone"], trust["newest_at_words"]) == ("Asia/Shanghai", "2026-11-18 11:00:00")
    assert re.fullmatch(r"[1-9]\d* d", trust["newest_words"])
    assert re.fullmatch(r"\d+ (s|min)", trust["last_success_words"])
    assert trust["rejected_lines"] == 2
    assert trust["rejected_percent"] == pytest.approx(100 * 2 / 12)


def test_what_lines_carry_is_a_share_by_weight(ask):
    """Three of four ok requests have a time in the queue; a failed one counts for nothing."""
    rows = {row["column_name"]: row for row in ask("coverage", "measured")}
    shares = {
        name: rows[name]["share_percent"] for name in ("total_seconds", "queue_seconds", "text_tokens", "vocoder")
    }
    older = {row["column_name"]: row["says"] for row in ask("coverage", **APRIL)}

    assert shares == {"total_seconds": 100.0, "queue_seconds": 75.0, "text_tokens": 75.0, "vocoder": 0.0}
    assert rows["queue_seconds"]["says"] == "in a part of them · 部分行有"
    assert {name for name, says in older.items() if says == "in all of them · 全部行有"} == {"total_seconds"}
    assert len(older) == len(rows) == 17


def test_names_for_the_filters_come_with_all_of_them_first(ask):
    """A percent sign stands for all."""
    assert [row["value"] for row in ask("instances")] == ["%", "gap", "measured", "whole"]
    assert [row["value"] for row in ask("engine-names")] == ["%", "espeak"]
    assert [row["value"] for row in ask("emotion-names")] == ["%", "happy", "neutral"]
