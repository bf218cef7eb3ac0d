"""The lines that the groups of a case stand for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from redash.testing.lines import written
from redash.testing.models import AsItIs, Heartbeats, Requests

PRESENT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def lines(**group: Any) -> list[dict[str, Any]]:
    kind = Heartbeats if "heartbeats" in group else Requests
    return [json.loads(line) for line in written(kind.model_validate(group), PRESENT, "case 0")]


def test_requests_are_spread_evenly_and_stand_on_no_edge():
    """Four in an hour, each in the middle of its quarter; the same lines each time."""
    found = lines(requests=4, **{"from": "60m"})

    assert [line["ts"] for line in found] == [
        f"2026-11-20T11:{minutes}.000000Z" for minutes in ("07:30", "22:30", "37:30", "52:30")
    ]
    assert [line["seq"] for line in found] == [1, 2, 3, 4]
    assert {(line["v"], line["event"], len(line["writer_id"])) for line in found} == {(1, "tts.request", 32)}
    assert lines(requests=4, **{"from": "60m"}) == found


def test_a_rate_is_a_number_of_requests():
    """12 an hour for half an hour are 6."""
    assert len(lines(an_hour=12, **{"from": "30m"})) == 6


@given(st.integers(1, 400), st.integers(1, 1000))
def test_a_share_is_exact_and_spread(number, permille):
    """Of any first n lines as many fail as n times the share has whole ones."""
    found = lines(requests=number, failing={"percent": permille / 10})
    failed = [line["status"] == "error" for line in found]

    assert [sum(failed[:n]) for n in range(number + 1)] == [n * permille // 1000 for n in range(number + 1)]


def test_a_failed_request_has_a_fault_and_no_audio():
    """By default the service's; what is given goes over it."""
    service, client = (
        lines(requests=1, failing={"percent": 100, "with": given})[0]
        for given in ({}, {"status": "rejected", "fault": "client", "error_code": "EMPTY_TEXT"})
    )

    names = ("status", "fault", "error_code", "audio_seconds", "synthesis_seconds")
    assert [service[name] for name in names] == ["error", "service", "SYNTH_FAILED", None, None]
    assert [client[name] for name in names] == ["rejected", "client", "EMPTY_TEXT", None, None]


def test_values_change_from_line_to_line():
    """By turns, in steps, or not at all; the total and the bytes follow what is given."""
    given = {
        "speaker": {"cycle": ["a", "b"]},
        "text_chars": {"from": 10, "step": 5},
        "synthesis_seconds": 3,
        "warnings": ["silent"],
    }
    found = lines(requests=3, **{"with": given})

    names = ("speaker", "text_chars", "text_bytes", "total_seconds", "warnings")
    assert [[line[name] for name in names] for line in found] == [
        ["a", 10, 10, 3.01, ["silent"]],
        ["b", 15, 15, 3.01, ["silent"]],
        ["a", 20, 20, 3.01, ["silent"]],
    ]


def test_heartbeats_come_at_both_ends_and_count_requests():
    """One each half minute, sixty requests an hour."""
    found = lines(heartbeats="30s", requests_an_hour=60, **{"from": "2m", "with": {"workers_up": 2}})

    assert [(line["ts"][11:19], line["requests"], line["workers_up"]) for line in found] == [
        ("11:58:00", 0, 2), ("11:58:30", 0, 2), ("11:59:00", 1, 2), ("11:59:30", 1, 2), ("12:00:00", 2, 2),
    ]  # fmt: skip


def test_a_line_as_it_is_stays_so():
    """So many times."""
    assert written(AsItIs(line="{broken", times=2), PRESENT, "w") == ["{broken", "{broken"]
