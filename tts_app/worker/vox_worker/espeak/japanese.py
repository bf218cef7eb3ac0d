"""Japanese text as kana, which is all that eSpeak NG's Japanese voice can read: kanji by janome's dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .japanese_numbers import read_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from janome.tokenizer import Token

_ATTACHED = frozenset(("助詞", "助動詞", "記号", "接尾", "非自立"))


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
