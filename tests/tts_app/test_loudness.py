"""Length, loudness, silence and clipping: as defined, and the same however the sound is cut into pieces."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts_app.loudness import Loudness, Measures, measure

RATE = 22050
FRAME = 441


def tone(seconds: float = 1.0, amplitude: float = 16384.0) -> bytes:
    t = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * 440 * t)).astype("<i2").tobytes()


def test_a_tone_is_measured() -> None:
    """A sine of half the full scale: -9.03 dBFS, no silence, nothing clipped."""
    measures = measure(tone(), RATE)

    assert measures.audio_seconds == 1.0
    assert measures.audio_rms_dbfs == pytest.approx(-9.03, abs=0.01)
    assert (measures.silence_ratio, measures.clipped_ratio, measures.silent) == (0.0, 0.0, False)


def test_half_silence_is_half() -> None:
    """One second of sound and one of zeros."""
    measures = measure(tone() + bytes(2 * RATE), RATE)

    assert (measures.silence_ratio, measures.silent) == (0.5, False)


def test_zeros_are_silent_and_nothing_has_no_loudness() -> None:
    """Zeros are -120 dBFS, not minus infinity; no samples have no figures, and are silent too."""
    assert measure(bytes(2 * RATE), RATE) == Measures(1.0, -120.0, 1.0, 0.0)
    assert measure(b"", RATE) == measure(b"\x7f", RATE) == Measures(0.0, None, None, None)
    assert measure(b"", RATE).silent


def test_full_scale_is_clipped() -> None:
    """A square wave at both ends of the range is clipped all over; one below it, nowhere."""
    square = np.tile(np.array([32767, -32768], dtype="<i2"), RATE // 2)

    assert measure(square.tobytes(), RATE).clipped_ratio == 1.0
    assert measure((square // 2).tobytes(), RATE).clipped_ratio == 0.0


@pytest.mark.parametrize(
    ("pcm", "heard"),
    [
        (b"", False),
        (bytes(2 * FRAME), False),
        (tone(0.02, 30), False),
        (tone(0.02, 60), True),
        (bytes(20 * FRAME) + tone(0.001), True),
    ],
    ids=["nothing", "zeros", "below -60 dBFS", "above it", "a click after silence"],
)
def test_a_piece_with_sound_is_told_from_silence(pcm: bytes, heard: bool) -> None:
    """One frame of 20 ms above -60 dBFS is sound."""
    assert measure(pcm, RATE).silent is not heard


def test_sound_is_known_as_soon_as_a_frame_of_it_is_whole() -> None:
    """Silence in front, sound cut in the middle of its first frame, the rest of it."""
    loudness = Loudness(RATE)
    sound = bytes(2 * FRAME) + tone(0.02)
    known = []
    for piece in (sound[: 2 * FRAME], sound[2 * FRAME : 3 * FRAME], sound[3 * FRAME :]):
        loudness.add(piece)
        known.append(loudness.audible)

    assert known == [False, False, True]


@given(
    st.lists(st.sampled_from([-32768, -33, -32, 0, 31, 32, 33, 12345, 32767]), max_size=4 * FRAME),
    st.lists(st.integers(0, 8 * FRAME), max_size=6),
    st.sampled_from([1, 8000, RATE, 48000]),
)
def test_cuts_change_nothing(samples: list[int], cuts: list[int], rate: int) -> None:
    """Pieces of any size, odd ones too, give the very figures of the whole."""
    pcm = np.array(samples, dtype="<i2").tobytes()
    edges = [0, *sorted(min(cut, len(pcm)) for cut in cuts), len(pcm)]
    loudness = Loudness(rate)

    for start, end in itertools.pairwise(edges):
        loudness.add(pcm[start:end])

    assert loudness.measures() == measure(pcm, rate)
