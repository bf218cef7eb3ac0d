"""What a decoding process makes of the lines of a job."""

from __future__ import annotations

import io
import os
import sqlite3
from zoneinfo import ZoneInfo

import msgspec
import pytest

from etl.lines.records import Decoder
from etl.reading.decoder import packed_of, serve
from etl.reading.decoding import ANSWER_BYTES, Answer, Job, Shared, received, send
from etl.reading.stretches import CHUNK_BYTES
from tests.etl.lines import FULL, heartbeat, line

_OLD = b'{"time": "2025-04-05T10:23:45", "text_len": 120, "emotion": "happy", "duration": 2.3, "success": true}\n'


def _job(lines: bytes, dialect: str = "sqlite", start: int = 0) -> Job:
    return Job(dialect, "UTC", "UTC", 7, start, len(lines), None)


def _decoder() -> Decoder:
    return Decoder(ZoneInfo("UTC"), ZoneInfo("UTC"))


@pytest.fixture
def shared() -> Shared:
    """Memory as a decoder and its writer share it."""
    fd = os.memfd_create("test")
    os.ftruncate(fd, CHUNK_BYTES + ANSWER_BYTES)
    made = Shared(fd)
    os.close(fd)
    return made


def test_pieces_make_one_answer() -> None:
    """Lines of more than one piece keep their offsets, tables, days and order; what is no row is counted."""
    days = [f"2026-11-{day:02}T10:00:00.000000Z" for day in (1, 2)]
    texts = [line(seq, **FULL, ts=days[seq % 2]) for seq in range(1, 401)]
    lines = b"".join(text + b"\n" for text in [*texts[:200], b"", b"a banner", b"{broken", heartbeat(1), *texts[200:]])
    packed = packed_of(_job(lines, start=5000), lines, _decoder())
    assert packed is not None
    assert len(lines) > 3 * 128 * 1024
    assert packed.tables == {"tts_request": 400, "tts_heartbeat": 1}
    assert (sum(packed.days.values()), packed.days["2026-11-01"], packed.days["2026-11-02"]) == (401, 200, 200)
    assert (packed.blank, packed.skipped, packed.rows, packed.stream_id) == (1, 1, 401, 7)
    assert [(bad.offset, bad.raw) for bad in packed.rejected] == [(5000 + lines.index(b"{broken"), b"{broken")]
    connection = sqlite3.connect(":memory:")
    connection.deserialize(packed.data["stage"])
    seqs = [row[4] for row in connection.execute("SELECT * FROM tts_request")]
    offsets = [row[-3] for row in connection.execute("SELECT * FROM tts_request")]
    assert seqs == list(range(1, 401))
    assert offsets == [5000 + lines.index(text) for text in texts]
    connection.close()


def test_newest_of_all_pieces() -> None:
    """The newest time may stand anywhere."""
    stamps = ["2026-11-02T10:00:00.000000Z", "2026-11-09T10:00:00.000000Z", "2026-11-01T10:00:00.000000Z"]
    lines = b"".join(line(seq, **FULL, ts=stamps[seq // 200]) + b"\n" for seq in range(1, 600))
    packed = packed_of(_job(lines), lines, _decoder())
    assert packed is not None
    assert packed.newest == stamps[1]


def test_an_older_line_needs_its_preamble() -> None:
    """Without the preamble of its file an older line can't be decoded here; with it it can."""
    assert packed_of(_job(_OLD), _OLD, _decoder()) is None
    packed = packed_of(msgspec.structs.replace(_job(_OLD), preamble=b"p" * 32), _OLD, _decoder())
    assert packed is not None
    assert packed.rows == 1


def test_jobs_are_answered_until_their_end(shared: Shared) -> None:
    """Each job has an answer, in order; the data lie in the shared memory."""
    lines = line(1) + b"\n"
    jobs, answers = io.BytesIO(), io.BytesIO()
    for _ in range(2):
        send(jobs, msgspec.msgpack.encode(_job(lines, "postgresql")))
    jobs.seek(0)
    shared.put_lines(lines)
    serve(jobs, answers, shared)
    answers.seek(0)
    found = [msgspec.msgpack.decode(received(answers) or b"", type=Answer) for _ in range(2)]
    assert [answer.packed.rows for answer in found] == [1, 1]
    assert received(answers) is None
    text = shared.data(found[1].lengths)["tts_request"]
    assert text.startswith(b'"2026-11-20","2026-11-20T')
    assert text.count(b"\n") == 1


def test_what_does_not_fit_is_left_to_the_writer(shared: Shared) -> None:
    """Data larger than the shared memory are not put there."""
    assert shared.put_data({"a": b"x" * ANSWER_BYTES, "b": b"y"}) is None
    lengths = shared.put_data({"a": b"xx", "b": b"", "c": b"y"})
    assert lengths == {"a": 2, "b": 0, "c": 1}
    assert shared.data(lengths) == {"a": b"xx", "b": b"", "c": b"y"}
