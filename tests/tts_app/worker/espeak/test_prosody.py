"""Emotion as prosody: neutral is neutral, stronger is further, and no value leaves its limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_app.events import EMOTIONS
from tts_app.worker.vox_worker.espeak.prosody import SHIFTS, Prosody, applied_vector, prosody

NEUTRAL = (0.0,) * 8


def only(name: str, weight: float = 1.0) -> tuple[float, ...]:
    return tuple(weight * (name == emotion) for emotion in EMOTIONS)


def test_neutral_is_the_voice_itself() -> None:
    """No weight, no shift."""
    assert prosody(NEUTRAL, 1.0) == Prosody(rate=175, volume=100, pitch=50, range=50, word_gap=0)


def test_a_full_emotion_is_its_row_of_the_table() -> None:
    """Angry at full weight: faster, louder, wider, a little lower."""
    assert prosody(only("angry"), 1.0) == Prosody(rate=210, volume=160, pitch=46, range=90, word_gap=0)
    assert prosody(only("melancholic"), 1.0) == Prosody(rate=126, volume=60, pitch=24, range=10, word_gap=3)


@pytest.mark.parametrize("name", EMOTIONS)
def test_intensity_is_monotone(name: str) -> None:
    """Every parameter moves one way only as the intensity grows from 0 to 1."""
    steps = [prosody(applied_vector(only(name), intensity / 10), 1.0) for intensity in range(11)]

    for parameter, shift in (
        ("rate", SHIFTS[name].rate - 1),
        ("pitch", SHIFTS[name].pitch),
        ("range", SHIFTS[name].range),
        ("volume", SHIFTS[name].volume),
        ("word_gap", SHIFTS[name].word_gap),
    ):
        values = [getattr(step, parameter) for step in steps]
        assert values == sorted(values, reverse=shift < 0), parameter


def test_speed_is_a_factor_of_the_rate() -> None:
    """Twice as fast; and no slower than the engine can speak."""
    assert prosody(NEUTRAL, 2.0).rate == 350
    assert prosody(NEUTRAL, 0.25).rate == 80


def test_weights_above_one_in_sum_are_scaled_down() -> None:
    """Four emotions at full weight are a quarter each; a single one keeps its weight times the intensity."""
    assert applied_vector((1.0,) * 4 + (0.0,) * 4, 1.0) == (0.25,) * 4 + (0.0,) * 4
    assert applied_vector(only("sad", 0.5), 0.5) == only("sad", 0.25)


@given(st.tuples(*[st.floats(0, 1)] * 8), st.floats(0, 1), st.floats(0.25, 4))
def test_no_parameter_leaves_its_limits(vector: tuple[float, ...], intensity: float, speed: float) -> None:
    """Whatever is mixed, eSpeak NG gets values it takes, and the applied weights are 0-1 and sum to at most 1."""
    applied = applied_vector(vector, intensity)
    spoken = prosody(applied, speed)

    assert all(0 <= weight <= 1 for weight in applied)
    assert sum(applied) <= 1.00001
    assert 80 <= spoken.rate <= 700
    assert 0 <= spoken.volume <= 200
    assert 0 <= spoken.pitch <= 99
    assert 0 <= spoken.range <= 99
    assert 0 <= spoken.word_gap <= 20
