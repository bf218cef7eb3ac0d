"""Languages and speakers under all the names that clients use."""

from __future__ import annotations

import pytest

from tts_app.engines.voices import (
    LANGUAGE_ALIASES,
    LANGUAGE_LABELS,
    SPEAKER_ALIASES,
    SPEAKERS,
    find_speaker,
    guess_language,
    language_code,
)


def test_every_alias_leads_somewhere() -> None:
    """No alias names what isn't there, and none hides a name of ours."""
    assert set(LANGUAGE_ALIASES.values()) <= set(LANGUAGE_LABELS)
    assert set(SPEAKER_ALIASES.values()) <= set(SPEAKERS)
    assert not set(LANGUAGE_ALIASES) & set(LANGUAGE_LABELS)
    assert not set(SPEAKER_ALIASES) & set(SPEAKERS)


@pytest.mark.parametrize(
    ("name", "code"), [("zh", "zh"), ("zh_CN", "zh"), ("cmn", "zh"), ("EN-us", "en"), ("zh-HK", "yue"), (" Xx ", "xx")]
)
def test_a_language_has_many_names(name: str, code: str) -> None:
    """BCP 47 with a region, eSpeak NG's own name, any case; what isn't known stays as it is."""
    assert language_code(name) == code


@pytest.mark.parametrize(
    ("name", "code"), [("f1", "f1"), ("M8", "m8"), ("alloy", "f2"), ("中文女", "f1"), ("nobody", None), ("", None)]
)
def test_a_speaker_has_many_names(name: str, code: str | None) -> None:
    """Ours, OpenAI's and CosyVoice's."""
    assert find_speaker(name, tuple(SPEAKERS)) == code


@pytest.mark.parametrize(
    ("name", "code"), [("Anna", "anna"), ("中文男", "中文男"), ("default", "anna"), ("alloy", "中文男"), ("x", None)]
)
def test_another_engine_s_speakers_answer_to_other_services_names(name: str, code: str | None) -> None:
    """Its own names first; those of OpenAI are spread over what it has, always the same way."""
    assert find_speaker(name, ("anna", "中文男")) == code


def test_without_speakers_no_name_leads_anywhere() -> None:
    """An engine that only imitates has none."""
    assert find_speaker("alloy", ()) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("今日は良い天気", "ja"), ("안녕 hello", "ko"), ("今天 hello", "zh"), ("hello", "en"), ("123", "en")],
)
def test_a_language_is_guessed_by_its_script(text: str, code: str) -> None:
    """Kana, hangul and Han decide in this order."""
    assert guess_language(text) == code
