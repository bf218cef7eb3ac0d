"""Lines become records or rejects: both databases must be able to take whatever is let through."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.lines.fields import EVENTS, REQUEST
from etl.lines.outcomes import Blank, Glued, Record, Reject, Skipped
from etl.lines.records import Decoder, looks_like_request
from etl.tables import event_columns
from tests.etl import lines

SHANGHAI = ZoneInfo("Asia/Shanghai")


def decode(line: bytes, offset: int = 0, preamble: bytes = b"p") -> Any:
    return Decoder(SHANGHAI, SHANGHAI).decode(line, offset, lambda: preamble)


def columns(record: Record) -> dict[str, object]:
    names = [name for name in event_columns(record.table) if name != "stream_id"]
    return dict(zip(names, record.values, strict=True))


def test_a_whole_request_becomes_a_record_of_all_its_columns() -> None:
    """Every key of the line stands in the column of its name, lists and objects as JSON text."""
    record = decode(lines.line(7, **lines.FULL), offset=100)

    assert isinstance(record, Record)
    found = columns(record)
    expected = lines.request(7, **lines.FULL)
    for name in ("warnings", "emotion_vector", "stage_seconds"):
        assert json.loads(str(found[name])) == expected[name]
        found[name] = expected[name]
    assert {field.name: found[field.name] for field in REQUEST} == {
        field.name: expected.get(field.name) for field in REQUEST
    }
    assert (found["event_day"], found["local_at"]) == ("2026-11-20", "2026-11-20T18:00:00.000000")
    assert (found["byte_offset"], found["extra"], record.breaks_law) == (100, None, False)


@pytest.mark.parametrize(
    ("ts", "day", "local_at"),
    [
        ("2026-11-20T18:00:00.000001Z", "2026-11-20", "2026-11-21T02:00:00.000001"),
        ("2026-11-20T15:59:59.999999Z", "2026-11-20", "2026-11-20T23:59:59.999999"),
        ("2024-02-28T16:00:00.000000Z", "2024-02-28", "2024-02-29T00:00:00.000000"),
    ],
)
def test_the_day_of_a_row_is_its_utc_day_and_its_local_time_the_report_zones(ts: str, day: str, local_at: str) -> None:
    """event_day is the prefix of ts as written; local_at is the same moment in the report time zone."""
    record = decode(lines.line(ts=ts))

    assert isinstance(record, Record)
    assert (columns(record)["event_day"], columns(record)["local_at"]) == (day, local_at)


def test_local_time_follows_the_zones_changes_of_clock() -> None:
    """A report zone with daylight saving time has each line at the offset of its moment, also at half hours."""
    decoder = Decoder(SHANGHAI, ZoneInfo("Australia/Lord_Howe"))

    found = []
    for minute in ("29", "30"):
        record = decoder.decode(lines.line(ts=f"2026-10-03T15:{minute}:00.000000Z"), 0, bytes)
        assert isinstance(record, Record)
        found.append(columns(record)["local_at"])

    assert found == ["2026-10-04T01:59:00.000000", "2026-10-04T02:30:00.000000"]


@pytest.mark.parametrize("make", [lines.heartbeat, lines.mark])
def test_heartbeats_and_marks_go_to_tables_of_their_own(make) -> None:
    """The two small events become records of their tables."""
    record = decode(make(3))

    assert isinstance(record, Record)
    event = json.loads(make(3))["event"]
    assert (record.table, record.key) == (EVENTS[event][0], ("2026-11-20", lines.WRITER, 3))


BAD = {
    b'{"v":1,"event":"tts.request","ts":"\xff"}': "bad_utf8",
    b'{"v":1,': "bad_json",
    b'{"v":1} x': "bad_json",
    b"[1,2]": "not_object",
    b"42": "not_object",
    b"null": "not_object",
    lines.line(speaker="a\0b"): "nul_or_surrogate",
    b"\0\0\0": "nul_or_surrogate",
    lines.line().replace(b'"espeak"', b'"\\ud800"'): "nul_or_surrogate",
    lines.line().replace(b'"audio_seconds":1.5', b'"audio_seconds":NaN'): "number_range",
    lines.line().replace(b'"audio_seconds":1.5', b'"audio_seconds":-Infinity'): "number_range",
    lines.line().replace(b'"audio_seconds":1.5', b'"audio_seconds":1e400'): "number_range",
    lines.line(text_chars=2**63): "number_range",
    lines.line(rss_bytes=-(2**63) - 1): "number_range",
    lines.line(total_seconds=10**30): "number_range",
    lines.line(unknown=2**64): "number_range",
    lines.line(unknown=[2**64]): "number_range",
    b"[" * 100_000: "too_deep",
    b'{"v":' + b"[" * 100_000: "too_deep",
    lines.line().replace(b'"v":1', b'"v":1,"deep":' + b"[" * 101 + b"]" * 101): "too_deep",
    lines.line(padding="x" * 256 * 1024): "too_long",
    lines.line(instance=...): "missing_key",
    lines.line(status=None): "missing_key",
    lines.line(event=...): "missing_key",
    b'{"event":"tts.request"}': "missing_key",
    b"{}": "missing_key",
    lines.line(v="1"): "wrong_type",
    lines.line(v=True): "wrong_type",
    lines.line(event=1): "wrong_type",
    lines.line(text_chars="11"): "wrong_type",
    lines.line(text_chars=11.5): "wrong_type",
    lines.line(stream=0): "wrong_type",
    lines.line(writer_id="w"): "wrong_type",
    lines.line(writer_id=lines.WRITER.upper()): "wrong_type",
    lines.line(seq=0): "wrong_type",
    lines.line(ts="2026-11-20T10:00:00Z"): "wrong_type",
    lines.line(ts="2026-11-20T10:00:00.000000+00:00"): "wrong_type",
    lines.line(ts="2026-11-20T10:00:00.000000"): "wrong_type",
    lines.line(ts="2026-02-30T10:00:00.000000Z"): "wrong_type",
    lines.line(ts="2026-11-20T24:00:00.000000Z"): "wrong_type",
    lines.line(ts="2026-11-20T10:00:60.000000Z"): "wrong_type",
    lines.line(ts="２026-11-20T10:00:00.000000Z"): "wrong_type",
    lines.line(ts="1970-01-01T00:00:00.000000Z"): "ts_suspect",
    lines.line(ts="2100-01-01T00:00:00.000000Z"): "ts_suspect",
    lines.line(v=2): "unsupported_version",
    lines.line(v=0): "unsupported_version",
    b"[2025-04-05 10:23:45] INFO - TextLen=120, Emotion=happy": "missing_key",
    b"[2025-04-05 10:23:45] INFO - TextLen=many, Emotion=happy, Duration=2.3s, Success=True": "wrong_type",
    b"[2025-04-05 10:23:45] INFO - TextLen=1, Emotion=\xff, Duration=2.3s, Success=True": "bad_utf8",
    b"[2025-02-30 10:23:45] INFO - TextLen=1, Emotion=x, Duration=2.3s, Success=True": "wrong_type",
    b"[1999-04-05 10:23:45] INFO - TextLen=1, Emotion=x, Duration=2.3s, Success=True": "ts_suspect",
    b'{"time": "2025-04-05T10:23:45", "text_len": 120, "emotion": "happy", "duration": 2.3}': "missing_key",
    b'{"time": "yesterday", "text_len": 1, "emotion": "x", "duration": 2, "success": true}': "wrong_type",
    b'{"time": "2025-04-05T10:23:45", "text_len": "1", "emotion": "x", "duration": 2, "success": true}': "wrong_type",
    b'{"time": "2025-04-05T10:23:45", "text_len": -1, "emotion": "x", "duration": 2, "success": true}': "number_range",
}


@pytest.mark.parametrize(("line", "kind"), BAD.items(), ids=[f"{at}-{kind}" for at, kind in enumerate(BAD.values())])
def test_what_cannot_become_a_row_is_a_reject_of_its_kind(line: bytes, kind: str) -> None:
    """Each line that a database could refuse, or that lacks what a row needs, is refused by its cause."""
    outcome = decode(line)

    assert isinstance(outcome, Reject)
    assert outcome.kind == kind


def test_a_reject_never_repeats_the_lines_values() -> None:
    """The cause names keys and types, so that nothing of a line leaves quarantine by a log."""
    outcomes = [decode(lines.line(text_chars="SECRET")), decode(b'{"v":1,"SECRET"')]

    assert "SECRET" not in str(outcomes)


def test_a_reject_names_its_writer_and_day_where_the_line_does() -> None:
    """A gap in a writer's numbers can be explained by its lines in quarantine."""
    outcome = decode(lines.line(9, text_chars="11"))

    assert outcome == Reject("wrong_type", "text_chars must be int", "2026-11-20", lines.WRITER)


def test_unknown_keys_and_wrong_optional_values_are_kept_aside() -> None:
    """An unknown key goes to extra; a wrong type in an optional key is null, with the original in extra._bad."""
    wrong: dict[str, Any] = {
        "gpu_index": "first",
        "warnings": ["a", 1],
        "emotion_vector": [1, 2],
        "stage_seconds": {"gpt": "x"},
    }
    record = decode(lines.line(colour="blue", _bad=1, event_day="x", **wrong))

    assert isinstance(record, Record)
    found = columns(record)
    assert [found[name] for name in wrong] == [None] * 4
    assert json.loads(str(found["extra"])) == {"colour": "blue", "event_day": "x", "_bad": {**wrong, "_bad": 1}}


@pytest.mark.parametrize(
    "over",
    [
        {"error_code": "INTERNAL"},
        {"fault": "service"},
        {"audio_seconds": 0},
        {"audio_seconds": ...},
        {"status": "error", "fault": "service"},
        {"status": "error", "error_code": "INTERNAL"},
        {"queue_seconds": 1.0},
        {"stage_seconds": {"gpt": 0.15, "vocoder": 0.1}},
        {"text_bytes": 10},
        {"cache_hit": True},
    ],
)
def test_a_broken_law_is_noted_and_loaded(over: dict[str, Any]) -> None:
    """A line against a law of the format is a record all the same, and counted."""
    outcome = decode(lines.line(**over))

    assert isinstance(outcome, Record)
    assert outcome.breaks_law


@pytest.mark.parametrize(
    "over", [{}, {"cache_hit": True, "synthesis_seconds": ..., "audio_seconds": ...}, {"queue_seconds": ...}]
)
def test_a_line_that_keeps_the_laws_is_not_noted(over: dict[str, Any]) -> None:
    """Lines as the format wants them break no law."""
    outcome = decode(lines.line(**over))

    assert isinstance(outcome, Record)
    assert not outcome.breaks_law


@pytest.mark.parametrize(
    "text",
    [
        "[2025-04-05 02:23:45] INFO - TextLen=120, Emotion=happy, Duration=2.3s, Success=True",
        "[2025-04-05 02:23:45] INFO - TextLen 120, Emotion happy, Duration 2.3s, Success True",
        "[2025-04-05 02:23:45] INFO - TextLen120, Emotionhappy, Duration2.3s, SuccessTrue\r",
        '{"time": "2025-04-05T02:23:45", "text_len": 120, "emotion": "happy", "duration": 2.3, "success": true}',
    ],
)
def test_older_lines_become_rows_of_their_five_fields(text: str) -> None:
    """Both older forms, also copies without `=`, are read; their time is local and their day the date as written."""
    record = decode(text.encode(), offset=55)

    assert isinstance(record, Record)
    known = {name: value for name, value in columns(record).items() if value is not None}
    known.pop("line_sha256")
    assert str(known.pop("writer_id")).startswith("s:")
    assert known == {
        "event_day": "2025-04-05",
        "local_at": "2025-04-05T02:23:45.000000",
        "ts": "2025-04-04T18:23:45.000000Z",
        "seq": 55,
        "status": "ok",
        "fault": "none",
        "text_chars": 120,
        "emotion": "happy",
        "total_seconds": 2.3,
        "byte_offset": 55,
    }


def test_an_older_failure_is_an_error_of_unknown_cause() -> None:
    """Success=False becomes status error, error_code UNKNOWN, fault service; further keys of the JSON form are kept."""
    text = '{"time": "2025-04-05T10:23:45.5", "text_len": 1, "emotion": "x", "duration": 2, "success": false, "gpu": 3}'
    record = decode(text.encode())

    assert isinstance(record, Record)
    found = columns(record)
    assert [found[name] for name in ("status", "error_code", "fault", "ts", "extra")] == [
        "error",
        "UNKNOWN",
        "service",
        "2025-04-05T02:23:45.500000Z",
        '{"gpu":3}',
    ]


def test_the_writer_of_an_older_line_depends_on_its_stream_and_itself() -> None:
    """Equal lines of two streams, and two lines of one stream, have writers of their own; a re-read has the same."""
    one = b"[2025-04-05 02:23:45] INFO - TextLen=120, Emotion=happy, Duration=2.3s, Success=True"
    other = one.replace(b"120", b"121")

    writers = [decode(line, 0, preamble).key[1] for line, preamble in ((one, b"a"), (one, b"b"), (other, b"a"))]

    assert len(set(writers)) == 3
    assert decode(one, 0, b"a").key[1] == writers[0]


@pytest.mark.parametrize(
    "line",
    [
        b"Running on local URL:  http://127.0.0.1:7860",
        b"Traceback (most recent call last):",
        b'  File "webui.py", line 3, in <module>',
        b"[2025-04-05 10:23:45] INFO - Loading model",
        b"[WARNING] deprecated",
        b"100%|##########| 10/10",
        b"\xb1\xbb GBK banner",
        lines.encode({"v": 1, "event": "tts.later", "seq": 1}),
    ],
)
def test_what_is_no_request_line_is_skipped(line: bytes) -> None:
    """Banners, tracebacks and events that this version doesn't know are no rejects."""
    assert decode(line) == Skipped()


@pytest.mark.parametrize("line", [b"", b"  ", b"\r", b"\t"])
def test_blank_lines_are_blank(line: bytes) -> None:
    """Lines of white space only are legal."""
    assert decode(line) == Blank()


@pytest.mark.parametrize(
    "torn", [lines.line(1)[:40], b"\0\0\0", b"Loading model", b"[2025-04-05 10:23:45] INFO - TextLen=1"]
)
def test_a_whole_line_behind_a_torn_one_is_split_off(torn: bytes) -> None:
    """A torn line with the next one appended gives that one as a record, at its own offset."""
    outcome = decode(torn + lines.line(2), offset=1000)

    assert isinstance(outcome, Glued)
    assert (outcome.reject.kind, outcome.record.key[2], outcome.record.byte_offset) == ("glued", 2, 1000 + len(torn))


def test_a_byte_order_mark_before_the_first_line_is_no_matter() -> None:
    """A file that starts with a BOM has its first line read."""
    assert isinstance(decode(b"\xef\xbb\xbf" + lines.line()), Record)


@pytest.mark.parametrize(
    ("line", "expected"),
    [(lines.line(), True), (b"  {", True), (b"[2025-04-05 10:23:45] INFO - TextLen=", True), (b"banner", False)],
)
def test_a_request_line_is_known_by_its_start(line: bytes, expected: bool) -> None:
    """Lines of any form are told from banners by how they begin."""
    assert looks_like_request(line) is expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, max_examples=300)
@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_at_all_raise(line: bytes) -> None:
    """Whatever stands in a file has an outcome."""
    assert isinstance(decode(line.replace(b"\n", b"")), (Record, Reject, Skipped, Blank, Glued))


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from([*(field.name for field in REQUEST), "new"]), JSON, max_size=4))
def test_no_value_of_any_key_raises(over: dict[str, Any]) -> None:
    """Any JSON value in any key gives a record or a reject."""
    outcome = decode(json.dumps({**lines.request(), **over}, ensure_ascii=True).encode())

    assert isinstance(outcome, (Record, Reject))
