"""The synthetic month: deterministic, lawful, never doubled."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import date
from pathlib import Path

import msgspec

from tts_app.events import HeartbeatEvent, MarkEvent, RequestEvent, violations
from tts_app.history import RELEASE_EVERY_DAYS, day_lines, write_archives

DAY = date(2026, 3, 4)


def read(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


_EVENTS = {"tts.request": RequestEvent, "tts.heartbeat": HeartbeatEvent, "tts.mark": MarkEvent}


def event_of(line: bytes) -> RequestEvent | HeartbeatEvent | MarkEvent:
    return msgspec.json.decode(line, type=_EVENTS[json.loads(line)["event"]])


def test_a_day_is_a_pure_function_of_seed_instance_and_date():
    """The same day comes out byte for byte, whatever else is written; another seed or instance is another writer."""
    lines = list(day_lines(DAY, 1, "demo-history"))
    others = [
        next(iter(day_lines(*key)))
        for key in ((DAY, 2, "demo-history"), (DAY, 1, "else"), (date(2026, 3, 5), 1, "demo-history"))
    ]

    assert lines == list(day_lines(DAY, 1, "demo-history"))
    assert len({json.loads(line)["writer_id"] for line in (lines[0], *others)}) == 4


def test_every_line_keeps_the_laws():
    """No line of a fortnight breaks a law of the log line."""
    broken = [
        (day, law)
        for day in range(1, 15)
        for line in day_lines(date(2026, 2, day), 7, "demo-history")
        for law in violations(event_of(line))
    ]

    assert broken == []


def test_a_day_is_in_order_dense_and_labelled():
    """Times never fall, seq is 1, 2, 3 …, each line is of the day and says its instance."""
    lines = [json.loads(line) for line in day_lines(DAY, 1, "demo-history")]
    times = [line["ts"] for line in lines]

    assert times == sorted(times)
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert {(line["ts"][:10], line["instance"]) for line in lines} == {("2026-03-04", "demo-history")}


def test_the_month_holds_what_the_dashboards_show():
    """Thirty days have all languages, emotions and engines, faults of both sides, and release marks."""
    lines = [json.loads(x) for n in range(1, 29) for x in day_lines(date(2026, 2, n), 1, "demo-history")]
    requests = [line for line in lines if line["event"] == "tts.request"]
    ok = Counter(line["status"] for line in requests)["ok"] / len(requests)

    assert {line["language"] for line in requests} == {"zh", "en", "ja", "ko", "yue"}
    assert len({line["emotion"] for line in requests}) == 9
    assert {line["emotion_mode"] for line in requests} == {"none", "preset", "vector"}
    assert {line["engine"] for line in requests} == {"indextts2", "cosyvoice", "espeak"}
    assert {line["fault"] for line in requests} == {"none", "client", "service", "cancelled"}
    assert {line.get("variant") for line in requests if line["engine"] == "indextts2"} == {"a-full", "b-light"}
    assert {text for line in requests for text in line.get("warnings") or []} == {"silent", "clipped", "mel_truncated"}
    assert [line["kind"] for line in lines if line["event"] == "tts.mark"] == ["release"] * (
        sum(date(2026, 2, n).toordinal() % RELEASE_EVERY_DAYS == 0 for n in range(1, 29))
    )
    assert 0.93 < ok < 0.99


def test_archives_are_written_once(tmp_path: Path):
    """Started again the same files stand with the same bytes, and only the missing day is written."""
    told: list[tuple[int, int]] = []
    first = write_archives(tmp_path, 3, 1, date(2026, 3, 4), "demo-history", lambda *day: told.append(day))
    bytes_before = [path.read_bytes() for path in first]
    first[1].unlink()
    again = write_archives(tmp_path, 3, 1, date(2026, 3, 4), "demo-history", lambda *day: told.append(day))
    lines = [len(read(path)) for path in first]

    assert [path.name for path in again] == ["tts.log-20260301.gz", "tts.log-20260302.gz", "tts.log-20260303.gz"]
    assert [path.read_bytes() for path in again] == bytes_before
    assert told == [(1, lines[0]), (2, lines[1]), (3, lines[2]), (1, 0), (2, lines[1]), (3, 0)]
    assert sorted(path.name for path in tmp_path.iterdir()) == [path.name for path in again]


def test_a_longer_window_changes_no_day(tmp_path: Path):
    """A day has the same bytes in any window that holds it."""
    short = write_archives(tmp_path / "a", 1, 1, date(2026, 3, 4), "demo-history", lambda *_: None)
    long = write_archives(tmp_path / "b", 3, 1, date(2026, 3, 5), "demo-history", lambda *_: None)

    assert short[0].read_bytes() == long[1].read_bytes()
