"""The user's text: cleaned, counted, and whether it can be spoken."""

from __future__ import annotations

import pytest

from tts_app.text import TextCounts, clean, count, speakable


def test_text_is_composed_and_stripped() -> None:
    """Combining marks join their letters, white space around goes, a lone surrogate can't break the encoding."""
    assert clean("  e\u0301t\u00e9 \n") == "\u00e9t\u00e9"
    assert clean("a\ud800b") == "a?b"


def test_counts_are_what_price_lists_count() -> None:
    """Code points, UTF-8 bytes, Han characters, digits of any script and spaces."""
    assert count("今天 2026年\uff18月") == TextCounts(
        text_chars=10, text_bytes=20, text_han_chars=4, text_digit_chars=5, text_space_chars=1
    )
    assert count("\U00020000") == TextCounts(
        text_chars=1, text_bytes=4, text_han_chars=1, text_digit_chars=0, text_space_chars=0
    )


@pytest.mark.parametrize(
    ("text", "expected"), [("hi", True), ("7", True), ("好", True), ("😀!", False), ("。、…", False), ("", False)]
)
def test_only_letters_and_digits_can_be_spoken(text: str, expected: bool) -> None:
    """Punctuation and emoji alone are silence."""
    assert speakable(text) is expected
