"""Sound at another rate: as long as it was, the same tone, and the same whatever pieces it came in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_app.resampling import Resampler, resampled

RATES = [(22050, 24000), (24000, 22050), (44100, 24000), (16000, 48000)]


def tone(rate: int, seconds: float = 0.5) -> np.ndarray:
    return (16000 * np.sin(2 * np.pi * 440 * np.arange(round(rate * seconds)) / rate)).astype(np.int16)


@pytest.mark.parametrize(("from_hz", "to_hz"), RATES)
def test_a_tone_stays_the_tone(from_hz: int, to_hz: int) -> None:
    """Away from both ends the error is 70 dB below the tone."""
    sound = resampled(tone(from_hz), from_hz, to_hz)

    wanted = tone(to_hz)
    error = (sound.astype(float) - wanted)[500:-500]
    assert sound.size == wanted.size
    assert 20 * np.log10(16000 / np.abs(error).max()) > 70


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 3000), max_size=12), st.sampled_from(RATES))
def test_pieces_make_no_difference(sizes: list[int], rates: tuple[int, int]) -> None:
    """Any division of a sound, empty pieces too, gives what the whole gives."""
    samples = np.random.default_rng(sum(sizes)).integers(-32768, 32768, sum(sizes)).astype(np.int16)
    resampler = Resampler(*rates)

    cuts = np.split(samples, np.cumsum(sizes))
    pieces = [*(resampler.feed(cut) for cut in cuts), resampler.finish()]

    assert np.array_equal(np.concatenate(pieces), resampled(samples, *rates))


def test_what_lies_above_the_new_band_does_not_come_back() -> None:
    """A tone of 15 kHz at half the rate would be one of 7 kHz: there is silence instead."""
    high = (16000 * np.sin(2 * np.pi * 15000 * np.arange(44100) / 44100)).astype(np.int16)

    assert np.abs(resampled(high, 44100, 22050)[500:-500]).max() < 16


def test_the_same_rate_is_the_same_sound() -> None:
    """Not a sample is touched."""
    assert resampled(tone(24000), 24000, 24000).tolist() == tone(24000).tolist()
