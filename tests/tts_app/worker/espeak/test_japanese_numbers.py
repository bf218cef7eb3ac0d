"""Japanese numbers in katakana, with the sound changes of what they count."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_app.worker.vox_worker.espeak.japanese_numbers import COUNTERS, counted, number_reading, read_numbers


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
    ("counter", "readings"),
    [
        ("分", "イップン ニフン サンプン ヨンプン ゴフン ロップン ナナフン ハップン キューフン ジュップン"),
        ("本", "イッポン ニホン サンボン ヨンホン ゴホン ロッポン ナナホン ハッポン キューホン ジュッポン"),
        ("個", "イッコ ニコ サンコ ヨンコ ゴコ ロッコ ナナコ ハッコ キューコ ジュッコ"),
        ("歳", "イッサイ ニサイ サンサイ ヨンサイ ゴサイ ロクサイ ナナサイ ハッサイ キューサイ ジュッサイ"),
        ("人", "ヒトリ フタリ サンニン ヨニン ゴニン ロクニン ナナニン ハチニン キューニン ジューニン"),
        ("つ", "ヒトツ フタツ ミッツ ヨッツ イツツ ムッツ ナナツ ヤッツ ココノツ トー"),
        ("日", "ツイタチ フツカ ミッカ ヨッカ イツカ ムイカ ナノカ ヨーカ ココノカ トーカ"),
        ("時", "イチジ ニジ サンジ ヨジ ゴジ ロクジ シチジ ハチジ クジ ジュージ"),
        ("年", "イチネン ニネン サンネン ヨネン ゴネン ロクネン ナナネン ハチネン キューネン ジューネン"),
    ],
)
def test_one_to_ten_of_each_kind(counter: str, readings: str) -> None:
    """As a dictionary of counters has them."""
    assert [counted(number, counter) for number in range(1, 11)] == readings.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026年8月18日", "ニセンニジューロクネンハチガツジューハチニチ"),
        ("2026-08-18", "ニセンニジューロクネンハチガツジューハチニチ"),
        ("4月1日", "シガツツイタチ"),
        ("\uff13時15分", "サンジジューゴフン"),
        ("14:30", "ジューヨジサンジュップン"),
        ("9:00", "クジ"),
        ("10分と21分", "ジュップンとニジューイップン"),
        ("3時間と2日間", "サンジカンとフツカカン"),
        ("20歳", "ハタチ"),
        ("12,500円", "イチマンニセンゴヒャクエン"),
        ("¥1,200", "センニヒャクエン"),
        ("50%", "ゴジューパーセント"),
        ("気温は-5℃", "気温はマイナスゴド"),
        ("3-4人", "サン-ヨニン"),
        ("090-1234-5678", "ゼロキューゼロ、イチニサンヨン、ゴロクナナハチ"),
        ("3.14", "サンテンイチヨン"),
        ("1,2", "イチ,ニ"),
        ("数字なし", "数字なし"),
    ],
)
def test_numbers_in_text_are_read_with_what_they_count(text: str, expected: str) -> None:
    """Dates, times, money and signs in figures too; full-width digits and groups are understood."""
    assert read_numbers(text) == expected


@given(st.text("0123456789,.:-/年月日時分人本個%¥℃ aあ", max_size=30))
def test_no_digit_is_left(text: str) -> None:
    """However odd the text: the Japanese voice would read what is left in a way of its own."""
    assert not re.search(r"[0-9]", read_numbers(text))


@given(st.integers(0, 10**16 - 1), st.sampled_from(sorted(COUNTERS)))
def test_every_number_counts_everything(number: int, counter: str) -> None:
    """In katakana alone."""
    assert re.fullmatch(r"[ァ-ヶー]+", counted(number, counter))
