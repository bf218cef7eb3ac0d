"""The user's text: cleaned, counted, and told whether it can be spoken at all. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from tts_app.tts_line import text_figures


@dataclass(frozen=True, slots=True)
class TextCounts:
    """The sizes of a text as the log line has them; `text_digit_chars` are decimal digits of any script."""

    text_chars: int
    text_bytes: int
    text_han_chars: int
    text_digit_chars: int
    text_space_chars: int


def clean(text: str) -> str:
    """NFC without white space around it; a lone surrogate, which no UTF-8 can hold, becomes a question mark."""
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode()).strip()


def count(text: str) -> TextCounts:
    """The sizes of a cleaned text."""
    return TextCounts(**text_figures(text))


def speakable(text: str) -> bool:
    """Whether `text` has a letter or a digit; punctuation and emoji alone would be silence, or be spelt by name."""
    return any(unicodedata.category(letter)[0] in "LN" for letter in text)
