"""The words of the page: none is missing in either language, none is left over."""

from __future__ import annotations

import re

import pytest

from tts_app.events import EMOTION_LABELS, ERRORS, WARNINGS
from tts_app.ui.form import MODES
from tts_app.ui.texts import FOLDER, TEXTS

SOURCES = [*FOLDER.glob("*.js"), *FOLDER.parent.glob("*.py")]
# Put together from a name of the log, an engine or a column.
BUILT = ("error.", "advice.", "emotion.", "warning.", "mode.", "step.", "engine.", "recent.", "history.", "took.")


def test_both_languages_say_the_same_things() -> None:
    """The same keys in the same order, with the same gaps to fill in; and the other language is another one."""
    english, chinese = TEXTS["en"], TEXTS["zh"]
    gaps = {key: sorted(re.findall(r"\{\w+\}", text)) for key, text in english.items()}

    assert list(chinese) == list(english)
    assert {key: sorted(re.findall(r"\{\w+\}", text)) for key, text in chinese.items()} == gaps
    assert [key for key, text in chinese.items() if text == english[key]] == ["took.rtf"]


@pytest.mark.parametrize(
    "keys",
    [
        [f"{kind}.{code}" for code in (*ERRORS, "NETWORK") for kind in ("error", "advice")],
        [f"emotion.{name}" for name in EMOTION_LABELS],
        [f"warning.{name}" for name in WARNINGS],
        [f"mode.{name}" for name in MODES],
    ],
    ids=["errors", "emotions", "warnings", "modes"],
)
def test_every_name_of_a_closed_set_has_words(keys: list[str]) -> None:
    """A code without advice would leave somebody alone."""
    assert [key for key in keys if key not in TEXTS["en"]] == []


def test_every_word_is_used_and_every_used_one_is_there() -> None:
    """In the scripts by t('…'), in the page by data-text, in the form by translated("…")."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    calls = r"""(?:\bt\(|translated\(|data-text=|data-label=|\btell\(|label=|card\()["']([a-z][\w.]*)["']"""
    used = set(re.findall(calls, source))

    assert {key for key in used if key not in TEXTS["en"] and key not in ("reference",)} == set()
    unused = {key for key in TEXTS["en"] if key not in source and not key.startswith(BUILT)}
    assert unused - {"emotion.audio"} == set()
