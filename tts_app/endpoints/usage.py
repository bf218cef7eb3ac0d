"""What a request used, as OpenAI's clients count it."""

from __future__ import annotations

import re
from typing import Any

from tts_app.events import RequestEvent

# As the tokenizers of the usual speech models cut: each Chinese, Japanese or Korean character by itself, a word of an
# alphabet in 1.3 pieces, and each other mark.
_CJK = r"\u1100-\u11ff\u2e80-\ua4cf\ua840-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff65-\uffdc\U00020000-\U0002ffff"
_PARTS = re.compile(rf"(?P<single>[{_CJK}])|(?P<word>[^\W_{_CJK}]+)|(?P<mark>[^\w\s]|_)")
WORD_TOKENS = 1.3


def estimated_tokens(text: str) -> int:
    """How many tokens `text` has, about, where no tokenizer is at hand."""
    kinds = [match.lastgroup for match in _PARTS.finditer(text)]
    return len(kinds) - kinds.count("word") + round(WORD_TOKENS * kinds.count("word"))


def usage_of(event: RequestEvent, text: str) -> dict[str, Any]:
    """OpenAI's counts, with the engine's own tokens where it counts them, and ours: characters and seconds of audio.

    No engine says how many tokens its audio was made of, so `output_tokens` is 0.
    """
    tokens = estimated_tokens(text) if event.text_tokens is None else event.text_tokens
    return {
        "input_tokens": tokens,
        "output_tokens": 0,
        "total_tokens": tokens,
        "characters": event.text_chars,
        "audio_seconds": event.audio_seconds,
    }
