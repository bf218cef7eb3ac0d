"""PCM becomes files that other programs read."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest
import soundfile

from tts_app.audio import FORMATS, STREAMED, StreamEncoder, encode_audio
from tts_app.loudness import measure

RATE = 22050


def tone(seconds: float = 1.0, amplitude: float = 16384.0) -> bytes:
    t = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * 440 * t)).astype("<i2").tobytes()


@pytest.mark.parametrize("audio_format", [name for name in FORMATS if name != "pcm"])
def test_each_format_can_be_read_back(audio_format: str) -> None:
    """Length and loudness survive the way through the file."""
    data, rate = soundfile.read(io.BytesIO(encode_audio(tone(), RATE, audio_format)), dtype="int16")

    measures = measure(data.astype("<i2").tobytes(), rate)
    assert rate == (24000 if audio_format == "opus" else RATE)
    assert measures.audio_seconds == pytest.approx(1.0, abs=0.11)
    assert measures.audio_rms_dbfs == pytest.approx(-9.03, abs=0.7)


def test_wav_and_flac_keep_every_sample() -> None:
    """The lossless formats give back the same numbers."""
    pcm = tone(0.1)

    for audio_format in ("wav", "flac"):
        data, _ = soundfile.read(io.BytesIO(encode_audio(pcm, RATE, audio_format)), dtype="int16")
        assert data.astype("<i2").tobytes() == pcm


def test_raw_samples_are_at_the_rate_that_openai_s_clients_expect() -> None:
    """24,000 a second, whatever the engine's rate is; untouched where it is that one."""
    assert len(encode_audio(tone(0.5), RATE, "pcm")) == 24000
    assert encode_audio(tone(0.1), 24000, "pcm") == tone(0.1)


def streamed(pcm: bytes, rate: int, audio_format: str, size: int) -> list[bytes]:
    encoder = StreamEncoder(audio_format, rate)
    return [*(encoder.feed(pcm[at : at + size]) for at in range(0, len(pcm), size)), encoder.finish()]


@pytest.mark.parametrize("rate", [16000, 22050, 24000, 44100])
@pytest.mark.parametrize("audio_format", [name for name in STREAMED if name != "pcm"])
def test_a_streamed_file_is_as_long_and_as_loud(audio_format: str, rate: int) -> None:
    """Each format that can be sent before its end is known, read back by a reader of whole files; an MP3 has silent ends."""
    t = np.arange(rate) / rate
    pcm = (16384 * np.sin(2 * np.pi * 440 * t)).astype("<i2").tobytes()

    data, read_rate = soundfile.read(io.BytesIO(b"".join(streamed(pcm, rate, audio_format, 3000))), dtype="int16")

    measures = measure(data.astype("<i2").tobytes(), read_rate)
    assert measures.audio_seconds == pytest.approx(1.0, abs=0.12)
    assert measures.audio_rms_dbfs == pytest.approx(-9.03, abs=1.2)


def test_a_streamed_wav_begins_with_its_first_sound() -> None:
    """Head and samples in one piece, the samples unchanged, and Python's own reader takes the open end."""
    pcm = tone(0.5)

    pieces = streamed(pcm, RATE, "wav", 3000)

    assert [len(piece) for piece in pieces[:3]] == [44 + 3000, 3000, 3000]
    with wave.open(io.BytesIO(b"".join(pieces))) as reader:
        assert (reader.getframerate(), reader.getnchannels(), reader.getsampwidth()) == (RATE, 1, 2)
        assert reader.readframes(RATE) == pcm


@pytest.mark.parametrize("size", [2, 3000, 10**6])
def test_streamed_raw_samples_are_those_of_the_whole(size: int) -> None:
    """However they come in."""
    assert b"".join(streamed(tone(0.1), RATE, "pcm", size)) == encode_audio(tone(0.1), RATE, "pcm")


def test_a_streamed_mp3_comes_at_once() -> None:
    """A tenth of a second of sound is enough for the first frames."""
    assert len(streamed(tone(), RATE, "mp3", 4410)[0]) > 400


def test_what_a_format_corrects_in_its_head_at_the_end_is_left_out_of_a_stream() -> None:
    """An MP3's first frame would get its figures then: it is long gone, and nothing of it is in the last piece."""
    first, *_, last = streamed(tone(), RATE, "mp3", 4410)

    assert b"Info" in encode_audio(tone(), RATE, "mp3") or b"Xing" in encode_audio(tone(), RATE, "mp3")
    assert [mark in piece for piece in (first, last) for mark in (b"Info", b"Xing")] == [False] * 4


@pytest.mark.parametrize("audio_format", STREAMED)
def test_a_stream_without_sound_ends_as_well(audio_format: str) -> None:
    """A head at most."""
    assert len(b"".join(streamed(b"", RATE, audio_format, 1))) < 2000
