"""Numbers in Chinese text as people say them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_app.worker.vox_worker.espeak.chinese import DIGITS, ChineseReader, number_reading

MANDARIN = ChineseReader("幺")
VALUES = {digit: value for value, digit in enumerate(DIGITS)} | {"两": 2}


@pytest.mark.parametrize(
    ("digits", "reading"),
    [
        ("0", "零"),
        ("10", "十"),
        ("12", "十二"),
        ("20", "二十"),
        ("105", "一百零五"),
        ("110", "一百一十"),
        ("1005", "一千零五"),
        ("1050", "一千零五十"),
        ("2000", "两千"),
        ("10500", "一万零五百"),
        ("22222", "两万两千二百二十二"),
        ("100000", "十万"),
        ("100005000", "一亿零五千"),
        ("200000000", "两亿"),
        ("1000000001", "十亿零一"),
        ("123456789012", "一千二百三十四亿五千六百七十八万九千零一十二"),
        ("007", "零零七"),
        ("12345678901234567", "一二三四五六七八九零一二三四五六七"),
    ],
)
def test_whole_numbers_are_read(digits: str, reading: str) -> None:
    """In groups of four digits; empty places are told once."""
    assert number_reading(digits) == reading


def value_of(reading: str) -> int:
    """The number that a reading stands for, as anybody would work it out."""
    for place, unit in ((12, "万亿"), (8, "亿"), (4, "万")):
        if unit in reading:
            before, after = reading.split(unit, 1)
            return value_of(before) * int(10**place) + value_of(after)
    total, digit = 0, 0
    for letter in reading:
        if letter in VALUES:
            digit = VALUES[letter]
        else:
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[letter]
            digit = 0
    return total + digit


@given(st.integers(0, 10**16 - 1))
def test_a_reading_is_worth_its_number(number: int) -> None:
    """Worked out again from the words."""
    assert value_of(number_reading(str(number))) == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026年8月18日", "二零二六年八月十八日"),
        ("今天是2026-08-18。", "今天是二零二六年八月十八日。"),
        ("2026/8/8", "二零二六年八月八日"),
        ("1000年", "一千年"),
        ("14:30开始", "十四点三十分开始"),
        ("2:00", "两点"),
        ("14：05：09", "十四点零五分九秒"),
        ("比分3:75", "比分三比七十五"),
        ("比例1:2", "比例一比二"),
        ("13812345678", "幺三八幺二三四五六七八"),
        ("50%", "百分之五十"),
        ("3.5％", "百分之三点五"),
        ("10~20%", "百分之十到百分之二十"),
        ("-5℃", "零下五摄氏度"),
        ("气温-12.5°C", "气温零下十二点五摄氏度"),
        ("温度是-3度", "温度是负三度"),
        ("¥12.50", "十二点五元"),
        ("$1,234", "一千二百三十四美元"),
        ("1/2", "二分之一"),
        ("3-5天", "三到五天"),
        ("8月-9月", "八月到九月"),
        ("2个人", "两个人"),
        ("12个", "十二个"),
        ("第2个", "第二个"),
        ("2年级", "二年级"),
        ("2月2日", "二月二日"),
        ("2km", "两公里"),
        ("5kg", "五公斤"),
        ("10km/h", "十公里每小时"),
        ("A380和B2B", "A三八零和B二B"),
        ("Python3.11", "Python三点一一"),
        ("v2.5.1", "v二点五点一"),
        ("我有1,234元。", "我有一千二百三十四元。"),
        ("１２３", "一百二十三"),
        ("没有数字", "没有数字"),
    ],
)
def test_numbers_are_read_with_what_stands_at_them(text: str, expected: str) -> None:
    """Years and phones digit by digit, signs and units by their names; Latin words stay."""
    assert MANDARIN.read(text) == expected


def test_a_one_in_a_phone_s_number_differs_in_cantonese() -> None:
    """幺 is Mandarin alone."""
    assert ChineseReader("一").read("13812345678") == "一三八一二三四五六七八"


@given(st.text("0123456789,.:-/年月日个点%¥$℃ agm好～", max_size=30))
def test_no_digit_is_left(text: str) -> None:
    """However odd the text: what is left the voice reads in a way of its own."""
    assert not re.search(r"[0-9]", MANDARIN.read(text))
