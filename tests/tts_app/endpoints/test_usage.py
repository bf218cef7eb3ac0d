"""What a request used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tts_app.endpoints.usage import estimated_tokens, usage_of
from tts_app.events import RequestEvent

EVENT = RequestEvent(
    ts="2026-11-22T01:02:03.000004Z",
    request_id="r",
    instance="i",
    app_version="1",
    source="openai",
    status="ok",
    fault="none",
    engine="espeak",
    total_seconds=1.0,
    text_chars=12,
    audio_seconds=1.5,
)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("你好。", 3), ("hello", 1), ("The weather is fine today.", 7), ("a_b", 4), ("한국 12", 3)],
)
def test_tokens_are_estimated(text: str, tokens: int) -> None:
    """Characters of CJK, words of alphabets, marks."""
    assert estimated_tokens(text) == tokens


def test_the_engine_s_own_count_goes_before_the_estimate() -> None:
    """Its tokenizer knows."""
    assert usage_of(EVENT, "Hello there!")["input_tokens"] == 4
    assert usage_of(replace(EVENT, text_tokens=9), "Hello there!") == {
        "input_tokens": 9,
        "output_tokens": 0,
        "total_tokens": 9,
        "characters": 12,
        "audio_seconds": 1.5,
    }
