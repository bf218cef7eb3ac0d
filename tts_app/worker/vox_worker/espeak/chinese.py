"""Numbers in Chinese text written out, for Mandarin and Cantonese: eSpeak NG reads a year as a number, and a phone's too.

Latin words stay as they are: the library speaks them with its English voice.
"""

from __future__ import annotations

import re
from collections.abc import Callable

DIGITS = "零一二三四五六七八九"
PLACES = ("", "十", "百", "千")
MYRIADS = ("", "万", "亿", "万亿")
MAX_DIGITS = 16
YEARS = range(1100, 2200)
MAX_OF_FRACTION = 100

CURRENCIES = {"¥": "元", "￥": "元", "$": "美元", "€": "欧元", "£": "英镑"}
UNITS = {
    "km/h": "公里每小时",
    "m/s": "米每秒",
    "℃": "摄氏度",
    "°C": "摄氏度",
    "km": "公里",
    "kg": "公斤",
    "cm": "厘米",
    "mm": "毫米",
    "ml": "毫升",
    "m": "米",
    "g": "克",
    "m²": "平方米",
    "GB": "G B",
    "MB": "M B",
    "x": "乘",
    "×": "乘",
}
# Before one of these a single two is 两 (and 个 in its older form).
COUNTED = "个個位天年次人只隻条條本张張家点种種件倍周岁歲元块塊斤句段杯瓶层層间間台辆輛把双雙公小分秒千万萬亿億米"

_WIDE = {0xFF10 + digit: str(digit) for digit in range(10)} | {ord("％"): "%", ord("："): ":"}
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)*"
# After a number, a letter or a unit of time it is no sign.
_MINUS = r"(?<![0-9A-Za-z)年月日号號点點时時分秒-])[-−]"
_UNTIL = re.compile(r"(?<=[年月日号號点點时時分])\s?[-~～–—]\s?(?=\d)")
_ANY = re.compile(
    rf"""
      (?P<date>(?<![\d.])\d{{4}}([-/.])\d{{1,2}}\2\d{{1,2}}(?![\d.]))
    | (?P<time>(?<![\d:])\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?![\d:]))
    | (?P<ratio>(?<![\d:])\d{{1,3}}:\d{{1,3}}(?![\d:]))
    | (?P<phone>(?<!\d)(?:1[3-9]\d{{9}}|0\d{{2,3}}-\d{{7,8}}|[48]00-\d{{3}}-\d{{4}})(?!\d))
    | (?P<year>(?<![\d.,])\d{{4}}(?=年))
    | (?P<fraction>(?<![\d/.])\d{{1,3}}/\d{{1,3}}(?![\d/.]))
    | (?P<span>(?<![\d.A-Za-z-])(?:{_NUMBER})\s?[-~～–—]\s?(?:{_NUMBER})(?:\s?%|(?=\s?[\u4e00-\u9fff])))
    | (?P<money>[¥￥$€£]\s?(?:{_NUMBER}))
    | (?P<part>(?:{_MINUS})?(?:{_NUMBER})\s?[%‰])
    | (?P<model>(?<=[A-Za-z])\d{{3,}}(?![.\d]))
    | (?P<plain>(?:{_MINUS})?(?:{_NUMBER}))
    """,
    re.VERBOSE,
)
_UNIT = re.compile(rf"\s?({'|'.join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))})(?![A-Za-z²])")


def number_reading(digits: str) -> str:
    """The reading of a whole number; one digit after the other with leading zeros or above 16 digits."""
    if len(digits) > MAX_DIGITS or (digits.startswith("0") and digits != "0"):
        return one_by_one(digits)
    if digits == "0":
        return DIGITS[0]
    groups = [int(digits[max(0, end - 4) : end]) for end in range(len(digits), 0, -4)]
    reading, skipped = "", False
    for place in range(len(groups) - 1, -1, -1):
        if groups[place]:
            # Empty places before a group are told once: 10,500 is ten thousand, zero, five hundred.
            gap = reading and (groups[place] < 1000 or skipped)
            reading += ("零" if gap else "") + _group(groups[place], place) + MYRIADS[place]
        skipped = not groups[place]
    return reading.removeprefix("一") if reading.startswith("一十") else reading


def one_by_one(digits: str, one: str = "一") -> str:
    """Each digit by itself; `one` is what a one is called."""
    return "".join(one if digit == "1" else DIGITS[int(digit)] for digit in digits)


def _group(group: int, place: int) -> str:
    if group == 2 and place:
        return "两"
    text, reading = str(group), ""
    for index, digit in enumerate(text):
        rest = len(text) - index - 1
        if digit != "0":
            reading += ("两" if digit == "2" and rest == 3 else DIGITS[int(digit)]) + PLACES[rest]
        elif text[index + 1 :].strip("0") and not reading.endswith("零"):
            reading += "零"
    return reading


def _value(number: str) -> str:
    whole, *decimals = number.replace(",", "").split(".")
    if len(decimals) > 1:
        return "点".join(number_reading(part) for part in (whole, *decimals))
    return number_reading(whole) + "".join(f"点{one_by_one(part)}" for part in decimals)


def _signed(number: str) -> str:
    return f"负{_value(number[1:])}" if number[0] in "-−" else _value(number)


class ChineseReader:
    """Writes numbers out; `one` is what a one in a phone's number is called: 幺 in Mandarin, 一 in Cantonese."""

    def __init__(self, one: str) -> None:
        self._one = one
        self._readings: dict[str, Callable[[str], str]] = {
            "date": _date,
            "time": _time,
            "phone": lambda text: one_by_one(text.replace("-", ""), self._one),
            "year": lambda text: one_by_one(text) if int(text) in YEARS else number_reading(text),
            "fraction": _fraction,
            "ratio": lambda text: "比".join(number_reading(part) for part in text.split(":")),
            "span": _span,
            "money": _money,
            "part": lambda text: ("百" if text[-1] == "%" else "千") + "分之" + _signed(text[:-1].strip()),
            "model": one_by_one,
            "plain": _signed,
        }

    def read(self, text: str) -> str:
        """`text` with every number in Han characters, together with a currency, a unit or a percent sign at it."""
        text, read, at = _UNTIL.sub("到", text.translate(_WIDE)), "", 0
        while match := _ANY.search(text, at):
            kind = str(match.lastgroup)
            before, after = read + text[at : match.start()], text[match.end() :]
            reading, used = self._with_unit(kind, match[0], before, after)
            read, at = before + reading, match.end() + used
        return read + text[at:]

    def _with_unit(self, kind: str, number: str, before: str, after: str) -> tuple[str, int]:
        """The reading, and how much of what follows belongs to it."""
        if kind == "plain" and (unit := _UNIT.match(after)):
            value = "两" if number == "2" and UNITS[unit[1]][0] in COUNTED else _signed(number)
            cold = UNITS[unit[1]] == "摄氏度" and value.startswith("负")
            return (f"零下{value[1:]}" if cold else value) + UNITS[unit[1]], unit.end()
        counted = after.lstrip(" ")[:1]
        if kind == "plain" and number == "2" and counted and counted in COUNTED and not before.endswith("第"):
            return ("二" if after.lstrip(" ").startswith(("年级", "年級")) else "两"), 0
        return self._readings[kind](number), 0


def _date(text: str) -> str:
    year, month, day = re.split(r"[-/.]", text)
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return "".join(one_by_one(part) if part.isdigit() else part for part in re.split(r"([-/.])", text))
    return f"{one_by_one(year)}年{number_reading(str(int(month)))}月{number_reading(str(int(day)))}日"


def _span(text: str) -> str:
    share = "百分之" if text.endswith("%") else ""
    return "到".join(share + _value(part.strip(" %")) for part in re.split(r"[-~～–—]", text))


def _money(text: str) -> str:
    whole, dot, decimals = text[1:].strip().partition(".")
    amount = f"{whole}.{decimals.rstrip('0')}" if dot and decimals.strip("0") else whole
    return _value(amount) + CURRENCIES[text[0]]


def _time(text: str) -> str:
    hour, *rest = (int(part) for part in text.split(":"))
    if hour > 24 or any(part > 59 for part in rest):
        return "比".join(number_reading(str(part)) for part in (hour, *rest))
    reading = f"{'两' if hour == 2 else number_reading(str(hour))}点"
    for part, unit in zip(rest, "分秒", strict=False):
        if part or unit == "秒":
            reading += f"{'零' if 0 < part < 10 and unit == '分' else ''}{number_reading(str(part))}{unit}"
    return reading


def _fraction(text: str) -> str:
    above, below = text.split("/")
    if not 1 < int(below) <= MAX_OF_FRACTION:
        return f"{number_reading(above)}/{number_reading(below)}"
    return f"{number_reading(below)}分之{number_reading(above)}"
