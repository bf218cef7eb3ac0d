"""Numbers in Japanese text written in katakana, with what they count: the dictionary leaves digits as they are.

A number and its counter change each other's sound: 3本 is サンボン, 1人 is ヒトリ.
"""

from __future__ import annotations

import re

DIGITS = ("ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュー")
HUNDREDS = {1: "ヒャク", 3: "サンビャク", 6: "ロッピャク", 8: "ハッピャク"}
THOUSANDS = {1: "セン", 3: "サンゼン", 8: "ハッセン"}
MYRIADS = ("", "マン", "オク", "チョー")
MAX_DIGITS = 16

FIRST_DAYS = ("ツイタチ", "フツカ", "ミッカ", "ヨッカ", "イツカ", "ムイカ", "ナノカ", "ヨーカ", "ココノカ", "トーカ")
THINGS = ("ヒトツ", "フタツ", "ミッツ", "ヨッツ", "イツツ", "ムッツ", "ナナツ", "ヤッツ", "ココノツ", "トー")
# Whole readings of a number with its counter.
SPECIAL: dict[str, dict[int, str]] = {
    "月": {4: "シガツ", 7: "シチガツ", 9: "クガツ"},
    "時": {4: "ヨジ", 7: "シチジ", 9: "クジ", 14: "ジューヨジ", 19: "ジュークジ", 24: "ニジューヨジ"},
    "日": dict(enumerate(FIRST_DAYS, start=1)) | {14: "ジューヨッカ", 20: "ハツカ", 24: "ニジューヨッカ"},
    "人": {1: "ヒトリ", 2: "フタリ"},
    "つ": dict(enumerate(THINGS, start=1)),
    "歳": {20: "ハタチ"},
}
COUNTERS = {
    "月": "ガツ",
    "日": "ニチ",
    "時": "ジ",
    "分": "フン",
    "秒": "ビョー",
    "年": "ネン",
    "円": "エン",
    "人": "ニン",
    "つ": "ツ",
    "個": "コ",
    "回": "カイ",
    "階": "カイ",
    "本": "ホン",
    "匹": "ヒキ",
    "歳": "サイ",
    "冊": "サツ",
    "台": "ダイ",
    "枚": "マイ",
    "度": "ド",
    "ヶ月": "カゲツ",
    "か月": "カゲツ",
    "カ月": "カゲツ",
}
# A four that is ヨ before these.
SHORT_FOUR = ("年", "円", "人", "時")
# The last sound of the number becomes a stop before a hard first sound; an H turns into P after it, and into B after サン.
STOPS = {1: ("イチ", "イッ"), 6: ("ロク", "ロッ"), 8: ("ハチ", "ハッ"), 10: ("ジュー", "ジュッ")}
STOPPED_BY = {
    "カ": (1, 6, 8, 10),
    "コ": (1, 6, 8, 10),
    "サ": (1, 8, 10),
    "ホ": (1, 6, 8, 10),
    "ヒ": (1, 6, 8, 10),
    "フ": (1, 6, 8, 10),
}
HARD = {"ホ": ("ポ", "ボ"), "ヒ": ("ピ", "ビ"), "フ": ("プ", "プ")}
SIGNS = {
    "%": "パーセント",
    "℃": "ド",
    "km": "キロメートル",
    "kg": "キログラム",
    "cm": "センチ",
    "mm": "ミリ",
    "GB": "ギガバイト",
}

_ASCII = {0xFF10 + digit: str(digit) for digit in range(10)} | {ord("％"): "%", ord("："): ":", ord("￥"): "¥"}
_DATE = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_TIME = re.compile(r"(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?![\d:])")
_PHONE = re.compile(r"(?<!\d)0\d{1,3}-\d{2,4}-\d{4}(?!\d)")
_MONEY = re.compile(r"([¥$])\s?([\d,.]*\d)")
_MINUS = re.compile(r"(?<![0-9A-Za-z)年月日時分-])[-−](?=\d)")
_SIGN = re.compile(rf"(?<=\d)\s?({'|'.join(map(re.escape, SIGNS))})(?![A-Za-z])")
_NUMBER = re.compile(rf"(\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.(\d+))?(?:({'|'.join(COUNTERS)})(間)?)?")


def number_reading(digits: str) -> str:
    """The reading of a whole number in katakana; one digit after the other with leading zeros or above 16 digits."""
    if len(digits) > MAX_DIGITS or (digits.startswith("0") and digits != "0"):
        return one_by_one(digits)
    if digits == "0":
        return DIGITS[0]
    groups = [int(digits[max(0, end - 4) : end]) for end in range(len(digits), 0, -4)]
    parts = [_group_reading(group) + MYRIADS[place] for place, group in enumerate(groups) if group]
    return "".join(reversed(parts)).replace("イチチョー", "イッチョー").replace("ハチチョー", "ハッチョー")


def one_by_one(digits: str) -> str:
    """Each digit by itself."""
    return "".join(DIGITS[int(digit)] for digit in digits)


def counted(number: int, counter: str) -> str:
    """A number with one of COUNTERS."""
    if number in SPECIAL.get(counter, {}):
        return SPECIAL[counter][number]
    reading, sound = number_reading(str(number)), COUNTERS[counter]
    last, first = number % 10 or (10 if number else 0), sound[0]
    if last == 4 and counter in SHORT_FOUR:
        return f"{reading.removesuffix('ヨン')}ヨ{sound}"
    if last in STOPPED_BY.get(first, ()) and number % 100:
        long, short = STOPS[last]
        return reading.removesuffix(long) + short + HARD.get(first, (first,))[0] + sound[1:]
    # 3分 is サンプン but 3本 is サンボン; after ヨン only 分 changes.
    if first in HARD and (last == 3 or (last == 4 and counter == "分")):
        return reading + HARD[first][1] + sound[1:]
    return reading + sound


def read_numbers(text: str) -> str:
    """`text` with every number, and what it counts, written in katakana; dates, times and money in figures too."""
    text = _DATE.sub(lambda match: f"{match[1]}年{int(match[2])}月{int(match[3])}日", text.translate(_ASCII))
    text = _TIME.sub(lambda match: f"{int(match[1])}時" + (f"{int(match[2])}分" if int(match[2]) else ""), text)
    text = _PHONE.sub(lambda match: "、".join(one_by_one(part) for part in match[0].split("-")), text)
    text = _MONEY.sub(lambda match: match[2] + ("円" if match[1] == "¥" else "ドル"), text)
    text = _SIGN.sub(lambda match: SIGNS[match[1]], _MINUS.sub("マイナス", text))
    return _NUMBER.sub(_read_number, text)


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


def _read_number(match: re.Match[str]) -> str:
    whole, fraction, counter = match[1].replace(",", ""), match[2], match[3]
    during = "カン" if match[4] else ""
    if fraction is not None:
        return f"{number_reading(whole)}テン{one_by_one(fraction)}{COUNTERS.get(counter, '')}{during}"
    if counter is None:
        return number_reading(whole)
    if whole.startswith("0") and whole != "0":
        return number_reading(whole) + COUNTERS[counter] + during
    return counted(int(whole), counter) + during if len(whole) <= MAX_DIGITS else one_by_one(whole) + counter
