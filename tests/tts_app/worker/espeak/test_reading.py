"""What each language's voice is given to read."""

from __future__ import annotations

import pytest

from tts_app.worker.vox_worker.espeak.reading import Readers, with_english


@pytest.fixture(scope="module")
def readers() -> Readers:
    return Readers()


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "In 2026 & 3 < 4", ("In 2026 & 3 < 4", False)),
        ("ko", "2026년", ("2026년", False)),
        ("zh", "2026年和Python", ("二零二六年和Python", False)),
        ("yue", "13812345678", ("一三八一二三四五六七八", False)),
        ("ja", "今日はとても良い天気ですね。", ("キョーワ トテモ ヨイ テンキデスネ。", True)),
        ("ja", "東京へ行く", ("トーキョーエ イク", True)),
        ("ja", "ＡＩを3台", ('<voice name="en-us">AI</voice>ヲ サンダイ', True)),
    ],
)
def test_each_language_has_its_reading(readers: Readers, language: str, text: str, expected: tuple[str, bool]) -> None:
    """Kana with English words marked, numbers in Han characters, or as it is."""
    assert readers.read(text, language) == expected


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("ア Rock & Roll イ", 'ア <voice name="en-us">Rock &amp; Roll</voice> イ'),
        ("<b>", '&lt;<voice name="en-us">b</voice>&gt;'),
        ("&amp;", '&amp;<voice name="en-us">amp</voice>;'),
        ("カナ", "カナ"),
        ("", ""),
    ],
)
def test_a_text_can_not_mark_itself_up(text: str, marked: str) -> None:
    """Whatever looks like markup is spoken, not obeyed."""
    assert with_english(text) == marked
