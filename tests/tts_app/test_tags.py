"""Emotions in brackets: obeyed at the start, taken out, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tts_app.tags import EMOTION_WORDS, Tagged, emotion_named, read_tags


@pytest.mark.parametrize(
    ("text", "tagged"),
    [
        ("hi", Tagged("hi")),
        ("[emotion=happy] hi", Tagged("hi", "happy")),
        ("[emotion=happy,0.7]hi", Tagged("hi", "happy", 0.7)),
        ("[emotion=happy,intensity=0.8]今天真好![emotion]", Tagged("今天真好!", "happy", 0.8)),
        ("[emotion=sad]hi[/emotion]", Tagged("hi", "sad")),
        ("  [ Emotion = Fearful , Intensity = 1.0 ]\n hi", Tagged("hi", "afraid", 1.0)),
        ("[emotion:开心,intensity:.5]hi", Tagged("hi", "happy", 0.5)),
        ("[intensity=0.3]hi", Tagged("hi", None, 0.3)),
        ("[emotion=sad][intensity=0.3]hi", Tagged("hi", "sad", 0.3)),
        ("[emotion=neutral]hi", Tagged("hi", "neutral")),
        ("[emotion=angry]A! [emotion=calm]B", Tagged("A! B", "angry", ignored=True)),
        ("[emotion=happy]", Tagged("", "happy")),
    ],
)
def test_the_forms_that_people_write_are_read(text: str, tagged: Tagged) -> None:
    """Of V23 and its kin; one further on is taken out and reported."""
    assert read_tags(text) == tagged


@pytest.mark.parametrize(
    "text",
    [
        "[laughter] hi",
        "[emotion=bored] hi",
        "[emotion=happy, 7] hi",
        "[emotion=happy,-1] hi",
        "[emotion=happy hi",
        "[emotion=] hi",
        "[speed=2] hi",
        "hi [emotion=happy]",
        "see [1] and [emotion=sad]",
        "[laughter][emotion=happy] hi",
        "",
    ],
)
def test_anything_else_is_text(text: str) -> None:
    """Unknown tags, unknown emotions, impossible numbers, and what doesn't stand at the start."""
    assert read_tags(text) == Tagged(text)


def test_unknown_tags_behind_a_known_one_stay() -> None:
    """They may mean something to the engine."""
    assert read_tags("[emotion=sad] [breath] hi [emotion=bored]") == Tagged("[breath] hi [emotion=bored]", "sad")


@given(st.text(), st.sampled_from(sorted(EMOTION_WORDS)), st.floats(0, 1))
@example("\x1f0", "joy", 0.0)
def test_a_tag_in_front_of_any_text_leaves_the_text(text: str, word: str, intensity: float) -> None:
    """Whatever the text is, as long as it has no brackets of its own."""
    plain = text.replace("[", "").strip()

    tagged = read_tags(f"[emotion={word},{intensity:.3f}]{plain}")

    assert tagged == Tagged(plain, EMOTION_WORDS[word], float(f"{intensity:.3f}"))


def test_words_of_others_are_known_in_any_case() -> None:
    """An unknown one is given back for its refusal."""
    assert [emotion_named(word) for word in (" Fearful ", "HAPPY", "怒", "bored")] == [
        "afraid",
        "happy",
        "angry",
        "bored",
    ]
