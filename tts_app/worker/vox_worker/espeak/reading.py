"""Text as eSpeak NG can read it: what its own rules read badly is written out before."""

from __future__ import annotations

import re
from html import escape

from .chinese import ChineseReader
from .japanese import KanaReader

_LETTER = r"[A-Za-z\u00c0-\u024f]"
_WORD = rf"{_LETTER}(?:[A-Za-z\u00c0-\u024f'’.-]*{_LETTER})?"
_LATIN = re.compile(rf"{_WORD}(?: +(?:& +)?{_WORD})*")
_WIDE = {0xFF21 + offset + low: chr(0x41 + offset + low) for offset in range(26) for low in (0, 0x20)}


class Readers:
    """Reads each language; making one loads the Japanese dictionary (0.3 s)."""

    def __init__(self) -> None:
        self._kana = KanaReader()
        self._mandarin, self._cantonese = ChineseReader("幺"), ChineseReader("一")

    def read(self, text: str, language: str) -> tuple[str, bool]:
        """`text` of `language` written out, and whether it is marked up (SSML)."""
        if language == "ja":
            return with_english(self._kana.read(text.translate(_WIDE))), True
        if language == "zh":
            return self._mandarin.read(text), False
        return (self._cantonese.read(text) if language == "yue" else text), False


def with_english(text: str) -> str:
    """`text` as SSML with its Latin words in the English voice, as which the Japanese one would spell each letter."""
    marked, at = "", 0
    for match in _LATIN.finditer(text):
        marked += escape(text[at : match.start()], quote=False)
        marked += f'<voice name="en-us">{escape(match[0], quote=False)}</voice>'
        at = match.end()
    return marked + escape(text[at:], quote=False)
