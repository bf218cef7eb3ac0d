"""The loop of the worker, without a process: frames in, frames out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tts_app.worker.vox_worker.adapter import Emotion, Order, Report, SynthesisFailed
from tts_app.worker.vox_worker.orders import order_of
from tts_app.worker.vox_worker.references import References
from tts_app.worker.vox_worker.speaking import STREAM_BYTES, WHOLE_BYTES, Pieces, Speaker

INFO = {"sample_rate_hz": 16000, "device": "cpu"}


class Adapter:
    """Gives `chunks`, sets `gone` after the first one if it is told to, and knows how it was left."""

    def __init__(self, chunks: list[bytes], gone: threading.Event | None = None) -> None:
        self.chunks = chunks
        self.gone = gone
        self.warmed = 0
        self.left = ""

    def info(self) -> dict[str, Any]:
        return INFO

    def warm_up(self) -> None:
        self.warmed += 1

    def speak(self, order: Order, report: Report) -> Iterator[bytes]:
        try:
            for chunk in self.chunks:
                yield chunk
                if self.gone is not None:
                    self.gone.set()
        except GeneratorExit:
            self.left = "closed"
            raise
        self.left = "done"


def answers(adapter: Any, folder: Path, gone: threading.Event | None = None, **header: Any) -> list[tuple[Any, bytes]]:
    """The frames that answer one order."""
    sent: list[tuple[Any, bytes]] = []
    speaker = Speaker(adapter, INFO, References(folder), lambda head, payload=b"": sent.append((head, payload)))
    speaker.answer(({"op": "speak", "id": 5, "text": "x", **header}, b""), gone or threading.Event())
    assert not speaker.busy
    return sent


def test_an_order_is_answered_with_audio_and_figures(tmp_path: Path) -> None:
    """One frame of audio for a whole answer, then the last one."""
    first, last = answers(Adapter([b"ab", b"cd"]), tmp_path)

    assert first == ({"id": 5, "sample_rate_hz": 16000, "chunk": 0}, b"abcd")
    assert {key: last[0][key] for key in ("id", "ok", "stage_seconds", "gpu_seconds", "warnings")} == {
        "id": 5,
        "ok": True,
        "stage_seconds": {},
        "gpu_seconds": None,
        "warnings": [],
    }


def test_a_full_pipe_counts_to_no_stage(tmp_path: Path) -> None:
    """While a frame is handed over the stage that yielded it stands still."""

    class Staged(Adapter):
        def speak(self, order: Order, report: Report) -> Iterator[bytes]:
            with report.stage("synth"):
                yield from self.chunks

    running: list[object] = []

    def send(header: dict[str, Any], payload: bytes = b"") -> None:
        if speaker._report is not None:
            running.append(speaker._report.stages._running)

    speaker = Speaker(Staged([b"ab", b"cd"]), INFO, References(tmp_path), send)
    speaker.answer(({"op": "speak", "id": 5, "text": "x", "stream": True}, b""), threading.Event())

    assert running == [None, None]


def test_a_cancelled_order_is_left_between_two_chunks(tmp_path: Path) -> None:
    """The engine is closed, and no more of its audio sent."""
    gone = threading.Event()
    adapter = Adapter([b"ab"] * 5, gone)

    *audio, (last, _) = answers(adapter, tmp_path, gone, stream=True)

    assert [payload for _, payload in audio] == [b"ab"]
    assert (last["ok"], last["code"], adapter.left) == (False, "CANCELLED", "closed")


def test_an_order_nobody_waits_for_is_cancelled_though_it_is_done(tmp_path: Path) -> None:
    """The last chunk came, but it is too late."""
    gone = threading.Event()
    gone.set()

    [(last, _)] = answers(Adapter([]), tmp_path, gone)

    assert last["code"] == "CANCELLED"


def test_a_warm_up_is_the_engine_s_own_where_it_has_one(tmp_path: Path) -> None:
    """It makes no sound."""
    adapter = Adapter([b"ab"])

    [(last, _)] = answers(adapter, tmp_path, op="warm_up")

    assert (last["ok"], adapter.warmed, adapter.left) == (True, 1, "")


@pytest.mark.parametrize(
    ("stream", "sizes", "frames"),
    [
        (False, [10, 10], [20]),
        (False, [WHOLE_BYTES, 2], [WHOLE_BYTES, 2]),
        (False, [2 * WHOLE_BYTES + 2], [WHOLE_BYTES, WHOLE_BYTES, 2]),
        (True, [2, 2, 2], [2, 4]),
        (True, [2, STREAM_BYTES - 2, 2, 2], [2, STREAM_BYTES, 2]),
        (True, [0, 2], [2]),
    ],
)
def test_frames_are_neither_late_nor_small(stream: bool, sizes: list[int], frames: list[int]) -> None:
    """The first piece of a stream at once; later ones, and all of a whole answer, gathered."""
    sent: list[bytes] = []
    pieces = Pieces(lambda head, payload: sent.append(payload), stream, {})

    for size in sizes:
        pieces.add(bytes(size))
    pieces.flush()

    assert [len(payload) for payload in sent] == frames


def test_half_a_sample_is_no_sound() -> None:
    """Everything after it would be noise."""
    with pytest.raises(SynthesisFailed) as caught:
        Pieces(lambda head, payload: None, False, {}).add(b"abc")
    assert caught.value.code == "BAD_OUTPUT"


def test_an_order_has_defaults(tmp_path: Path) -> None:
    """Only the text must be there; uploads that are no sound are refused."""
    references = References(tmp_path)
    header = {"text": "x", "emotion": {"mode": "vector", "vector": [1] + [0] * 7, "intensity": 0.5}}

    assert order_of({"text": "x"}, b"", references) == Order(text="x")
    assert order_of(header, b"", references).emotion == Emotion(
        mode="vector", vector=(1, 0, 0, 0, 0, 0, 0, 0), intensity=0.5
    )
    with pytest.raises(SynthesisFailed) as caught:
        order_of({"text": "x", "parts": [{"name": "reference", "bytes": 3}]}, b"abc", references)
    assert caught.value.code == "REF_AUDIO_INVALID"
