"""Languages and speakers under all the names that clients use."""

from __future__ import annotations

import pytest

from tts_app.engines.voices import (
    LANGUAGE_ALIASES,
    LANGUAGES,
    SPEAKER_ALIASES,
    SPEAKERS,
    find_language,
    find_speaker,
    guess_language,
)


def test_every_alias_leads_somewhere() -> None:
    """No alias names what isn't there, and none hides a name of ours."""
    assert set(LANGUAGE_ALIASES.values()) <= set(LANGUAGES)
    assert set(SPEAKER_ALIASES.values()) <= set(SPEAKERS)
    assert not set(LANGUAGE_ALIASES) & set(LANGUAGES)
    assert not set(SPEAKER_ALIASES) & set(SPEAKERS)


@pytest.mark.parametrize(
    ("name", "code"), [("zh", "zh"), ("zh_CN", "zh"), ("cmn", "zh"), ("EN-us", "en"), ("zh-HK", "yue"), ("xx", None)]
)
def test_a_language_has_many_names(name: str, code: str | None) -> None:
    """BCP 47 with a region, eSpeak NG's own name, any case."""
    language = find_language(name)

    assert (language.code if language else None) == code


@pytest.mark.parametrize(
    ("name", "code"), [("f1", "f1"), ("M8", "m8"), ("alloy", "f2"), ("中文女", "f1"), ("nobody", None)]
)
def test_a_speaker_has_many_names(name: str, code: str | None) -> None:
    """Ours, OpenAI's and CosyVoice's."""
    speaker = find_speaker(name)

    assert (speaker.code if speaker else None) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("今日は良い天気", "ja"), ("안녕 hello", "ko"), ("今天 hello", "zh"), ("hello", "en"), ("123", "en")],
)
def test_a_language_is_guessed_by_its_script(text: str, code: str) -> None:
    """Kana, hangul and Han decide in this order."""
    assert guess_language(text).code == code
