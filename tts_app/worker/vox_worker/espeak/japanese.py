"""Japanese text as kana, which is all that eSpeak NG's Japanese voice can read.

Kanji are read with janome's dictionary; numbers are read here, since the dictionary leaves them as digits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from janome.tokenizer import Token

DIGITS = ("ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュー")
HUNDREDS = {1: "ヒャク", 3: "サンビャク", 6: "ロッピャク", 8: "ハッピャク"}
THOUSANDS = {1: "セン", 3: "サンゼン", 8: "ハッセン"}
MYRIADS = ("", "マン", "オク", "チョー")
MAX_DIGITS = 16

MONTHS = {4: "シガツ", 7: "シチガツ", 9: "クガツ"}
HOURS = {4: "ヨジ", 7: "シチジ", 9: "クジ"}
FIRST_DAYS = ("ツイタチ", "フツカ", "ミッカ", "ヨッカ", "イツカ", "ムイカ", "ナノカ", "ヨーカ", "ココノカ", "トーカ")
DAYS = dict(enumerate(FIRST_DAYS, start=1)) | {14: "ジューヨッカ", 20: "ハツカ", 24: "ニジューヨッカ"}
MINUTE_ENDS = {0: "ジュップン", 1: "イップン", 3: "サンプン", 4: "ヨンプン", 6: "ロップン", 8: "ハップン"}

_ASCII_DIGITS = {0xFF10 + digit: str(digit) for digit in range(10)}
_NUMBER = re.compile(r"(\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.(\d+))?(月|日|時|分)?")
_ATTACHED = frozenset(("助詞", "助動詞", "記号", "接尾", "非自立"))


def number_reading(digits: str) -> str:
    """The reading of a whole number in katakana; one digit after the other with leading zeros or above 16 digits."""
    if len(digits) > MAX_DIGITS or (digits.startswith("0") and digits != "0"):
        return "".join(DIGITS[int(digit)] for digit in digits)
    if digits == "0":
        return DIGITS[0]
    groups = [int(digits[max(0, end - 4) : end]) for end in range(len(digits), 0, -4)]
    parts = [_group_reading(group) + MYRIADS[place] for place, group in enumerate(groups) if group]
    return "".join(reversed(parts)).replace("イチチョー", "イッチョー").replace("ハチチョー", "ハッチョー")


def _group_reading(group: int) -> str:
    thousands, hundreds, tens, ones = group // 1000, group // 100 % 10, group // 10 % 10, group % 10
    reading = ""
    if thousands:
        reading += THOUSANDS.get(thousands, DIGITS[thousands] + "セン")
    if hundreds:
        reading += HUNDREDS.get(hundreds, DIGITS[hundreds] + "ヒャク")
    if tens:
        reading += ("" if tens == 1 else DIGITS[tens]) + "ジュー"
    return reading + (DIGITS[ones] if ones else "")


def _minutes(number: int) -> str:
    last = number % 10
    if last not in MINUTE_ENDS or number == 0:
        return number_reading(str(number)) + "フン"
    before = number // 10 - (1 if last == 0 else 0)
    tens = number_reading(str(before * 10)) if before else ""
    return tens + MINUTE_ENDS[last]


def _counted(number: int, unit: str) -> str:
    if unit == "分":
        return _minutes(number)
    special, plain = {"月": (MONTHS, "ガツ"), "日": (DAYS, "ニチ"), "時": (HOURS, "ジ")}[unit]
    return special.get(number, number_reading(str(number)) + plain)


def _read_number(match: re.Match[str]) -> str:
    whole, fraction, unit = match[1].replace(",", ""), match[2], match[3]
    if fraction is not None:
        decimals = "".join(DIGITS[int(digit)] for digit in fraction)
        return f"{number_reading(whole)}テン{decimals}{unit or ''}"
    if unit is not None and len(whole) <= 2:
        return _counted(int(whole), unit)
    return number_reading(whole) + (unit or "")


def read_numbers(text: str) -> str:
    """`text` with every number, and the month, day, hour or minute it counts, written in katakana."""
    return _NUMBER.sub(_read_number, text.translate(_ASCII_DIGITS))


class KanaReader:
    """Reads Japanese text; making one loads the dictionary (0.3 s)."""

    def __init__(self) -> None:
        # Imported here, so that without it the engine can say what is missing.
        from janome.tokenizer import Tokenizer

        self._tokenizer = Tokenizer()

    def read(self, text: str) -> str:
        """`text` in kana as it is pronounced, words apart, particles with their word. Latin words stay as they are."""
        words: list[str] = []
        # Only with wakati=True it gives plain texts.
        for token in cast("Iterator[Token]", self._tokenizer.tokenize(read_numbers(text))):
            sound = token.surface if token.phonetic == "*" else token.phonetic
            if words and not _ATTACHED.isdisjoint(token.part_of_speech.split(",")[:2]):
                words[-1] += sound
            else:
                words.append(sound)
        return " ".join(words)
