"""Ninety days of lines for the bench of the queries: a loader takes them all but the broken ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from bench.ninety import REQUESTS_A_HEARTBEAT, write
from etl.lines.laws import breaks_law

UNTIL = datetime(2026, 11, 23, tzinfo=UTC)


def test_lines_are_numbered_without_gaps_and_in_the_order_of_time(tmp_path: Path) -> None:
    """Each writer counts 1, 2, 3 …, and no line is older than the one before it."""
    lines = [json.loads(line) for line in write(tmp_path / "tts.log", 400, UNTIL).read_text().splitlines()]
    numbers: dict[str, list[int]] = {}
    for line in lines:
        numbers.setdefault(line["writer_id"], []).append(line["seq"])

    assert {writer: list(range(1, len(found) + 1)) for writer, found in numbers.items()} == numbers
    assert sorted(line["ts"] for line in lines) == [line["ts"] for line in lines]


def test_there_is_a_heartbeat_to_some_requests_and_a_release_to_each_nine_days(tmp_path: Path) -> None:
    """What capacity and releases are made of is there, and no request breaks a law of the format."""
    lines = [json.loads(line) for line in write(tmp_path / "tts.log", 400, UNTIL).read_text().splitlines()]
    events = [line["event"] for line in lines]

    assert {event: events.count(event) for event in set(events)} == {
        "tts.request": 400,
        "tts.heartbeat": 400 // REQUESTS_A_HEARTBEAT,
        "tts.mark": 10 * 3,
    }
    assert [line for line in lines if line["event"] == "tts.request" and breaks_law(line)] == []
