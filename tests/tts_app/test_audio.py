"""PCM becomes files that other programs read, and its loudness is measured as defined."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from tts_app.audio import FORMATS, Measures, encode_audio, measure

RATE = 22050


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

    assert measures.silence_ratio == pytest.approx(0.5, abs=0.02)
    assert not measures.silent


def test_zeros_are_silent_and_nothing_has_no_loudness() -> None:
    """Zeros are -120 dBFS, not minus infinity; no samples have no figures, and are silent too."""
    assert measure(bytes(2 * RATE), RATE) == Measures(1.0, -120.0, 1.0, 0.0)
    assert measure(b"", RATE) == Measures(0.0, None, None, None)
    assert measure(b"", RATE).silent


def test_full_scale_is_clipped() -> None:
    """A square wave at both ends of the range is clipped all over."""
    square = np.tile(np.array([32767, -32768], dtype="<i2"), RATE // 2).tobytes()

    assert measure(square, RATE).clipped_ratio == 1.0


@pytest.mark.parametrize("audio_format", [name for name in FORMATS if name != "pcm"])
def test_each_format_can_be_read_back(audio_format: str) -> None:
    """Length and loudness survive the way through the file."""
    data, rate = soundfile.read(io.BytesIO(encode_audio(tone(), RATE, audio_format)), dtype="int16")

    measures = measure(data.astype("<i2").tobytes(), rate)
    assert rate == (24000 if audio_format == "opus" else RATE)
    assert measures.audio_seconds == pytest.approx(1.0, abs=0.11)
    assert measures.audio_rms_dbfs == pytest.approx(-9.03, abs=0.7)


def test_wav_and_flac_keep_every_sample_and_pcm_is_untouched() -> None:
    """The lossless formats give back the same numbers."""
    pcm = tone(0.1)

    for audio_format in ("wav", "flac"):
        data, _ = soundfile.read(io.BytesIO(encode_audio(pcm, RATE, audio_format)), dtype="int16")
        assert data.astype("<i2").tobytes() == pcm
    assert encode_audio(pcm, RATE, "pcm") == pcm
