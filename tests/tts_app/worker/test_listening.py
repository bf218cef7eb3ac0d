"""What is heard of an IndexTTS while it speaks, and how it is stopped: here by hand, with scripted parts."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from tts_app.worker.vox_worker.adapter import Emotion, SynthesisFailed
from tts_app.worker.vox_worker.device import Device
from tts_app.worker.vox_worker.indextts import VERSIONS
from tts_app.worker.vox_worker.listening import Ear
from tts_app.worker.vox_worker.report import Report


def engine() -> SimpleNamespace:
    """Parts by the names that IndexTTS2 gives them."""
    return SimpleNamespace(
        gpt=SimpleNamespace(inference_speech=lambda text: text.upper(), forward=lambda: None),
        bigvgan=SimpleNamespace(forward=lambda: None),
        s2mel=SimpleNamespace(models={"cfm": SimpleNamespace(inference=lambda: None)}),
        get_emb=lambda: None,
        tokenizer=SimpleNamespace(
            tokenize=lambda text: text.split(),
            split_segments=lambda tokens, size: [tokens[:size], tokens[size:]] if tokens else [],
            convert_tokens_to_ids=lambda tokens: [len(token) for token in tokens],
            unk_token_id=7,
        ),
        qwen_emo=None,
        gr_progress=None,
    )


def heard(tts: SimpleNamespace, report: Report) -> Any:
    return Ear(tts, VERSIONS["2"]).listening(report, Emotion(), {})


def test_a_cancelled_order_stops_at_the_next_step():
    """The engine calls its progress callback between segments: there is no other way in."""
    tts, gone = engine(), threading.Event()
    with heard(tts, Report(Device("cpu"), gone)):
        tts.gr_progress(0.2, desc="speech synthesis 1/2...")
        gone.set()
        with pytest.raises(SynthesisFailed) as caught:
            tts.gr_progress(0.5, desc="speech synthesis 2/2...")
    assert caught.value.code == "CANCELLED"


def test_what_a_method_returns_is_passed_on():
    """And its time is a stage; outside of an order nobody listens."""
    tts = engine()
    report = Report(Device("cpu"))
    with heard(tts, report):
        assert tts.gpt.inference_speech("hello") == "HELLO"
        tts.bigvgan.forward()
    assert tts.gpt.inference_speech("again") == "AGAIN"

    assert set(report.figures()["stage_seconds"]) == {"gpt", "vocoder"}


def test_tokens_are_counted_as_the_engine_makes_them():
    """Twice means twice as many; one of seven letters is unknown here."""
    tts = engine()
    report = Report(Device("cpu"))
    with heard(tts, report):
        for _ in range(2):
            tts.tokenizer.split_segments(tts.tokenizer.tokenize("one two unknown"), 2)
    figures = report.figures()

    assert {name: figures[name] for name in ("text_tokens", "unknown_tokens", "segments", "warnings")} == {
        "text_tokens": 6, "unknown_tokens": 2, "segments": 4, "warnings": ["unknown_tokens"],
    }  # fmt: skip


def test_a_text_without_tokens_is_not_spoken():
    """The engine would fail on an empty list."""
    tts = engine()
    with heard(tts, Report(Device("cpu"))), pytest.raises(SynthesisFailed) as caught:
        tts.tokenizer.split_segments(tts.tokenizer.tokenize(""), 2)
    assert (caught.value.code, caught.value.stage) == ("UNSPEAKABLE_TEXT", "validate")
