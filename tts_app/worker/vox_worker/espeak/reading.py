"""Text as eSpeak NG can read it: what its own rules read badly is written out before."""

from __future__ import annotations

from .japanese import KanaReader


class Readers:
    """Reads each language; making one loads the Japanese dictionary (0.3 s)."""

    def __init__(self) -> None:
        self._kana = KanaReader()

    def read(self, text: str, language: str) -> str:
        """`text` of `language`, written out."""
        return self._kana.read(text) if language == "ja" else text
