"""What another server writes with the file that it copied, etl reads: whatever the server notes, the line keeps the laws."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from etl.lines.outcomes import Record
from etl.lines.records import Decoder
from tts_app.tts_line import ERRORS, KEYS, MAX_LINE_BYTES, SpeechLog

UTC = ZoneInfo("UTC")

numbers = st.integers() | st.floats() | st.integers(0, 5) | st.floats(0, 5)
scalars = st.none() | st.booleans() | numbers | st.text(max_size=20) | st.just("\0") | st.just("\ud800")
values = scalars | st.lists(scalars, max_size=9) | st.dictionaries(st.text(max_size=5), scalars, max_size=3)
keys = st.sampled_from(KEYS["tts.request"]) | st.sampled_from(["x_scene", "x_", "text", "v", "event"])
figures = st.dictionaries(keys, values, max_size=12)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpeechLog]:
    made = SpeechLog(
        tmp_path_factory.mktemp("foreign") / "tts.log", instance="studio-1", app_version="1", engine="my-engine"
    )
    yield made
    made.close(120)


def last_line(log: SpeechLog) -> bytes:
    """The file's only line since the last call; it is empty afterwards."""
    assert log.file.flush(120)
    [line] = [line for line in Path(log.file.path).read_bytes().splitlines() if line]
    os.truncate(log.file.path, 0)
    return line


def read(line: bytes) -> Record:
    outcome = Decoder(UTC, UTC).decode(line, 0, lambda: b"")
    assert isinstance(outcome, Record), (outcome, line)
    return outcome


@example({"audio_seconds": "\ud800"}, None, "")
@example({"x_scene": {"\0": False}, "x_\0": 1}, None, "")
@example({"attempt": 2.0**63}, None, "")
@given(figures, st.none() | st.sampled_from(sorted(ERRORS)), st.text(max_size=30))
def test_any_request_of_another_server_is_read_and_lawful(
    log: SpeechLog, noted: dict[str, Any], code: str | None, text: str
) -> None:
    """NaN, wrong types, contradictions, unknown keys and broken texts: one record that breaks no law, the code as given."""
    line = log.request("api", client="10.0.0.1")
    line.text(text)
    line.note(**noted)
    if code:
        line.fail(code)
    line.close()

    raw = last_line(log)
    written = json.loads(raw)
    record = read(raw)
    assert (record.table, record.breaks_law) == ("tts_request", False)
    assert list(written)[:2] == ["v", "event"]
    assert not {"text"} & set(written)
    assert len(raw) <= MAX_LINE_BYTES
    assert code is None or written["error_code"] == code


@given(figures)
def test_any_heartbeat_of_another_server_is_read(log: SpeechLog, noted: dict[str, Any]) -> None:
    """What it isn't told is null; what no heartbeat has is left out."""
    log.heartbeat(**noted)

    assert read(last_line(log)).table == "tts_heartbeat"


def test_marks_of_another_server_are_read(tmp_path: Path) -> None:
    """A release and a note, whatever the label."""
    log = SpeechLog(tmp_path / "tts.log", instance="studio-1", app_version="2", engine="my-engine")
    log.release(tmp_path / "version")
    log.mark("版\0本\n" * 100, "note")
    log.close(120)

    lines = (tmp_path / "tts.log").read_bytes().splitlines()
    assert [read(line).table for line in lines] == ["tts_mark", "tts_mark"]
    assert [len(json.loads(line)["label"]) for line in lines] == [1, 200]


def test_a_contradiction_is_unknown(tmp_path: Path) -> None:
    """More seconds in the parts than in the whole, a vector of three, an intensity of seven: null, or the nearest value."""
    log = SpeechLog(tmp_path / "tts.log", instance="studio-1", app_version="2", engine="my-engine")
    with log.request("carrier pigeon", audio_seconds=1, emotion="bored", text_chars=9, emotion_intensity=7) as line:
        line.note(queue_seconds=50.0, synthesis_seconds=math.nan, stage_seconds={"gpt": 1.0}, emotion_vector=[1, 0, 0])
    log.close(120)

    written = json.loads((tmp_path / "tts.log").read_bytes())
    known = {key: written.get(key) for key in ("queue_seconds", "synthesis_seconds", "stage_seconds", "emotion_vector")}
    assert known == dict.fromkeys(known)
    assert (written["source"], written["emotion"], written["emotion_intensity"], written["text_bytes"]) == (
        "api", "neutral", 1.0, 9,
    )  # fmt: skip
