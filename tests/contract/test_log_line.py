"""The contract between the two programs that share no code: what tts_app writes, etl reads, and the other way round.

Golden files hold lines of every version and form; what they are read as is pinned beside them.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.lines.fields import EVENTS, Field
from etl.lines.outcomes import Record
from etl.lines.records import Decoder
from etl.tables import event_columns
from tts_app.events import (
    EMOTION_LABELS,
    EMOTION_MODES,
    ERRORS,
    FAULTS,
    SOURCES,
    STATUSES,
    Event,
    HeartbeatEvent,
    MarkEvent,
    RequestEvent,
    encode,
    uuid7,
    violations,
)

GOLDEN = Path(__file__).parent / "golden"
KINDS: tuple[type[Event], ...] = (RequestEvent, HeartbeatEvent, MarkEvent)
SHANGHAI, UTC = ZoneInfo("Asia/Shanghai"), ZoneInfo("UTC")

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
seconds = st.floats(0, 1e5)
count = st.integers(0, 2**63 - 1)
hex32 = st.text("0123456789abcdef", min_size=32, max_size=32)
moment = st.datetimes(datetime.fromisoformat("2020-01-02"), datetime.fromisoformat("2099-12-30")).map(
    lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "str": text,
    "int": count,
    "float": seconds,
    "bool": st.booleans(),
    "strings": st.lists(text, max_size=3),
    "floats": st.lists(seconds, min_size=8, max_size=8),
    "numbers": st.dictionaries(text, seconds, max_size=4),
    "objects": st.lists(st.fixed_dictionaries({"index": count, "uuid": text, "name": text}), max_size=2),
}


@st.composite
def lawful_requests(draw: st.DrawFn) -> RequestEvent:
    """Any request that keeps the laws, with any of the optional figures."""
    code = draw(st.sampled_from([None, *ERRORS]))
    error = ERRORS[code] if code else None
    queue, synthesis, rest = draw(seconds), draw(seconds), draw(seconds)
    chars = draw(st.integers(0, 10**6))
    return RequestEvent(
        ts=draw(moment),
        writer_id=draw(hex32),
        seq=draw(st.integers(1, 2**63 - 1)),
        request_id=draw(st.binary(min_size=10, max_size=10).map(lambda random: uuid7(1_800_000_000_000, random))),
        instance=draw(text),
        app_version=draw(text),
        source=draw(st.sampled_from(SOURCES)),
        status=error.status if error else "ok",
        fault=error.fault if error else "none",
        http_status=error.http_status if error else 200,
        error_code=code,
        error_stage=error.stage if error else None,
        engine=draw(text),
        speaker=draw(st.none() | text),
        language=draw(st.sampled_from(["zh", "en", "ja", "ko", "yue", "und"])),
        text_chars=chars,
        text_bytes=chars * draw(st.integers(1, 4)),
        emotion=draw(st.sampled_from(EMOTION_LABELS)),
        emotion_mode=draw(st.sampled_from(EMOTION_MODES)),
        emotion_intensity=draw(st.floats(0, 1)),
        emotion_vector=draw(st.none() | st.tuples(*[st.floats(0, 1)] * 8)),
        audio_seconds=None if error else draw(st.floats(0.01, 1e4)),
        queue_seconds=queue,
        synthesis_seconds=synthesis,
        total_seconds=queue + synthesis + rest,
        stage_seconds=draw(st.none() | st.just({"frontend": synthesis / 4, "gpt": synthesis / 2})),
        audio_rms_dbfs=draw(st.none() | st.floats(-120, 0)),
        repeat=draw(st.none() | st.booleans()),
        warnings=draw(st.none() | st.just(("clipped", "silent"))),
        gpu_memory_used_bytes=draw(st.none() | count),
    )


def read(line: bytes, zone: ZoneInfo = UTC, report: ZoneInfo = UTC, offset: int = 0) -> Record:
    outcome = Decoder(zone, report).decode(line, offset, lambda: b"")
    assert isinstance(outcome, Record), outcome
    return outcome


def columns(record: Record) -> dict[str, Any]:
    """The record by column, JSON columns decoded, without nulls and without what the loader adds of its own."""
    names = [name for name in event_columns(record.table) if name != "stream_id"]
    found = dict(zip(names, record.values, strict=True))
    json_names = {
        field.name
        for _, fields in EVENTS.values()
        for field in fields
        if field.kind in ("strings", "floats", "numbers", "objects")
    }
    return {
        name: json.loads(value) if name in json_names | {"extra"} and isinstance(value, str) else value
        for name, value in found.items()
        if value is not None and name not in ("line_sha256", "byte_offset")
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.EVENT)
def test_both_sides_have_the_same_keys_in_the_same_order(kind: type[Event]):
    """The writer's fields are the reader's, and what the reader demands the writer always writes."""
    _, fields = EVENTS[kind.EVENT]
    always = {field.name for field in dataclasses.fields(kind) if field.default is not None}

    assert [field.name for field in fields] == [field.name for field in dataclasses.fields(kind)]
    assert {field.name for field in fields if field.required} <= always


@given(lawful_requests())
def test_what_is_written_is_read(event: RequestEvent):
    """Each key of a line comes out in its column with its value, the day and the local time beside it."""
    line = encode(event)
    record = read(line, report=UTC)
    written = json.loads(line)
    del written["v"], written["event"]

    assert violations(event) == []
    assert (record.table, record.breaks_law) == ("tts_request", False)
    assert columns(record) == {"event_day": event.ts[:10], "local_at": event.ts[:-1], **written}


def line_of(name: str, fields: tuple[Field, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Any line that the reader's list of fields allows."""
    head = {"ts": moment, "writer_id": hex32, "seq": st.integers(1, 2**63 - 1)}
    head |= {"status": st.sampled_from(STATUSES), "fault": st.sampled_from(FAULTS)}
    required = {field.name: head.get(field.name, VALUES[field.kind]) for field in fields if field.required}
    optional = {field.name: VALUES[field.kind] for field in fields if not field.required}
    values = st.fixed_dictionaries(required, optional=optional)
    return values.map(
        lambda found: {
            "v": 1,
            "event": name,
            **{field.name: found[field.name] for field in fields if field.name in found},
        }
    )


@given(line_of("tts.request", EVENTS["tts.request"][1]))
def test_what_may_be_read_may_be_written(line: dict[str, Any]):
    """A line made from the reader's fields is one that the writer's event can say, to the same bytes."""
    raw = msgspec.json.encode(line)
    event = msgspec.json.decode(raw, type=RequestEvent)

    assert json.loads(encode(event)) == line
    assert read(raw).table == "tts_request"


def test_golden_lines_of_version_1_are_read_for_ever():
    """The rows of the golden lines are pinned, days and local times in Shanghai."""
    lines = (GOLDEN / "v1.jsonl").read_bytes().splitlines()
    rows = [{"table": record.table, **columns(record)} for record in (read(line, report=SHANGHAI) for line in lines)]

    assert rows == json.loads((GOLDEN / "v1.rows.json").read_text(encoding="utf-8"))


def test_golden_lines_of_version_1_are_written_for_ever():
    """Decoded into the writer's event and encoded again, each golden line has the same bytes."""
    kinds = {kind.EVENT: kind for kind in KINDS}
    lines = (GOLDEN / "v1.jsonl").read_bytes().splitlines()

    assert [encode(msgspec.json.decode(line, type=kinds[json.loads(line)["event"]])) for line in lines] == lines


def test_golden_lines_of_the_older_forms_are_read_for_ever():
    """Both older forms among banners, tracebacks and blanks: five fields a row, the rest skipped; local time is Shanghai's."""
    decoder = Decoder(SHANGHAI, SHANGHAI)
    offset, found = 0, []
    for raw in (GOLDEN / "older.log").read_bytes().splitlines(keepends=True):
        outcome = decoder.decode(raw.rstrip(b"\n"), offset, lambda: b"preamble")
        if isinstance(outcome, Record):
            found.append({"table": outcome.table, **columns(outcome)})
        else:
            found.append({"table": type(outcome).__name__.lower()})
        offset += len(raw)

    assert found == json.loads((GOLDEN / "older.rows.json").read_text(encoding="utf-8"))
