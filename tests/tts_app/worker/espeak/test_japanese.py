"""Japanese as kana: kanji by the dictionary, numbers by rule."""

from __future__ import annotations

import pytest

from tts_app.worker.vox_worker.espeak.japanese import KanaReader, number_reading, read_numbers


@pytest.mark.parametrize(
    ("digits", "reading"),
    [
        ("0", "ゼロ"),
        ("7", "ナナ"),
        ("10", "ジュー"),
        ("11", "ジューイチ"),
        ("100", "ヒャク"),
        ("300", "サンビャク"),
        ("666", "ロッピャクロクジューロク"),
        ("1000", "セン"),
        ("2026", "ニセンニジューロク"),
        ("8888", "ハッセンハッピャクハチジューハチ"),
        ("10000", "イチマン"),
        ("12500", "イチマンニセンゴヒャク"),
        ("100000000", "イチオク"),
        ("1000000000000", "イッチョー"),
        ("007", "ゼロゼロナナ"),
        ("12345678901234567", "イチニサンヨンゴロクナナハチキューゼロイチニサンヨンゴロクナナ"),
    ],
)
def test_whole_numbers_are_read(digits: str, reading: str) -> None:
    """In groups of four digits, with the sound changes of hundreds and thousands."""
    assert number_reading(digits) == reading


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026年8月18日", "ニセンニジューロク年ハチガツジューハチニチ"),
        ("4月1日", "シガツツイタチ"),
        ("\uff13時15分", "サンジジューゴフン"),
        ("10分と21分", "ジュップンとニジューイップン"),
        ("12,500円", "イチマンニセンゴヒャク円"),
        ("3.14", "サンテンイチヨン"),
        ("1,2", "イチ,ニ"),
        ("数字なし", "数字なし"),
    ],
)
def test_numbers_in_text_are_read_with_what_they_count(text: str, expected: str) -> None:
    """Months, days, hours and minutes have readings of their own; full-width digits and groups are understood."""
    assert read_numbers(text) == expected


def test_a_sentence_is_read_as_it_is_pronounced() -> None:
    """Kanji become kana, particles sound as spoken and stay with their word; Latin words are left alone."""
    reader = KanaReader()

    assert reader.read("今日はとても良い天気ですね。") == "キョーワ トテモ ヨイ テンキデスネ。"
    assert reader.read("東京へ行く") == "トーキョーエ イク"
    assert "iPhone" in reader.read("彼はiPhoneを持っている")
