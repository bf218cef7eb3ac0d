"""Uploaded sound: every form that is read, every bound, and no bytes that do more harm than a refusal."""

from __future__ import annotations

import contextlib
import io
import struct
import wave
from array import array
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.tts_app.adapters.conftest import recording
from tts_app.worker.vox_worker.adapter import SynthesisFailed
from tts_app.worker.vox_worker.references import KEPT, MAX_BYTES, Clip, References, decode, mono


def written(kind: str, subtype: str, rate_hz: int = 16_000, channels: int = 2) -> bytes:
    """Half a second of a loud tone by libsndfile."""
    tone = 0.5 * np.sin(2 * np.pi * 200 * np.arange(rate_hz // 2) / rate_hz)
    file = io.BytesIO()
    soundfile.write(file, np.stack([tone] * channels, axis=1), rate_hz, format=kind, subtype=subtype)
    return file.getvalue()


FORMS = {
    "WAV of 16 bits": written("WAV", "PCM_16"),
    "WAV of 24 bits": written("WAV", "PCM_24"),
    "WAV of 32 bits": written("WAV", "PCM_32"),
    "WAV of 8 bits": written("WAV", "PCM_U8"),
    "WAV of floats": written("WAV", "FLOAT"),
    "WAV with an extensible head": written("WAVEX", "PCM_16"),
    "FLAC": written("FLAC", "PCM_16"),
    "Ogg Vorbis": written("OGG", "VORBIS"),
    "MP3": written("MP3", "MPEG_LAYER_III"),
}


@pytest.mark.parametrize("upload", FORMS.values(), ids=FORMS)
def test_forms_that_are_read(upload: bytes):
    """Each becomes half a second of mono at its own rate, about as loud as it was."""
    clip = decode(upload)
    samples = array("h", clip.pcm)

    assert clip.rate_hz == 16_000
    assert len(samples) / clip.rate_hz == pytest.approx(0.5, abs=0.1)
    assert max(samples) == pytest.approx(16384, rel=0.1)


def headed(
    rate_hz: int = 16_000, channels: int = 1, width: int = 2, claimed: int | None = None, data: bytes = b""
) -> bytes:
    """A WAV file whose head says what it likes."""
    length = len(data) if claimed is None else claimed
    head = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * channels * width, channels * width, 8 * width)
    whole = struct.pack("<I", min(36 + length, 0xFFFFFFFF))
    return b"RIFF" + whole + b"WAVEfmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", length) + data


TONE = recording(0.5)[44:]
REFUSED = {
    "nothing": b"",
    "a kind that only some decoders read": written("AIFF", "PCM_16"),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(1000),
    "a zip bomb": b"PK\x03\x04" + bytes(1000),
    "a play list that names a file": b"#EXTM3U\nfile:///etc/passwd\n",
    "a play list in disguise": b"RIFF\0\0\0\0WAVE#EXTM3U\nfile:///etc/passwd\n",
    "too short": recording(0.05),
    "too long": recording(31.0),
    "too low": recording(1.0, rate_hz=8_000),
    "too high": headed(rate_hz=1_000_000, data=TONE),
    "too many channels": headed(channels=200, data=TONE * 20),
    "silent": headed(data=bytes(16_000)),
    "a head alone": headed(claimed=0xFFFFFFF0),
    "no rate": headed(rate_hz=0, data=TONE),
    "no channel": headed(channels=0, data=TONE),
    "a FLAC that stops": FORMS["FLAC"][:100],
    "an MP3 of nothing": b"ID3" + bytes(5000),
}


@pytest.mark.parametrize("upload", REFUSED.values(), ids=REFUSED)
def test_forms_that_are_refused(upload: bytes):
    """As the client's fault, in the stage of validation."""
    with pytest.raises(SynthesisFailed) as caught:
        decode(upload)
    assert (caught.value.code, caught.value.stage, caught.value.fatal) == ("REF_AUDIO_INVALID", "validate", False)


def test_a_head_that_lies_about_the_length():
    """What is there counts: a stream's head claims four gigabytes."""
    assert decode(headed(claimed=0xFFFFFFF0, data=TONE)) == Clip(pcm=TONE, rate_hz=16_000)


@settings(max_examples=60, deadline=None)
@given(
    start=st.sampled_from([b"RIFF\0\0\0\0WAVEfmt ", b"RIFF\0\0\0\0WAVE", b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b""]),
    rest=st.binary(max_size=300),
)
@example(start=b"RIFF\0\0\0\0WAVE", rest=headed(data=TONE)[12:])
def test_any_bytes_are_sound_or_refused(start: bytes, rest: bytes):
    """Nothing else comes out of the decoder, whatever goes in."""
    with contextlib.suppress(SynthesisFailed):
        clip = decode(start + rest)
        assert 0.1 <= len(clip.pcm) / 2 / clip.rate_hz <= 30


@settings(deadline=None)
@given(
    samples=st.lists(st.integers(-32768, 32767), min_size=1, max_size=50),
    channels=st.integers(1, 4),
    width=st.integers(2, 4),
)
def test_channels_that_are_alike_become_one(samples: list[int], channels: int, width: int):
    """Of any width: the upper two bytes are kept."""
    data = b"".join(struct.pack("<h", sample).rjust(width, b"\x55") * channels for sample in samples)

    assert mono(data + b"\x01" * (channels * width - 1), channels, width) == struct.pack(f"<{len(samples)}h", *samples)


def test_the_same_sound_has_the_same_path(tmp_path: Path):
    """Which the engines' own caches compare; another process gives other names."""
    references, others = References(tmp_path), References(tmp_path)
    upload = recording()
    path = references.take(upload)

    assert references.take(upload) == path
    assert references.take(recording(pitch_hz=300)) != path
    assert others.take(upload) != path
    with wave.open(path) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16_000)
        assert sound.readframes(10**6) == upload[44:]


def test_only_the_last_ones_are_kept(tmp_path: Path):
    """A voice does not stay on the disk: the oldest file goes when one more comes, one that is used again stays."""
    references = References(tmp_path)
    uploads = [recording(pitch_hz=200 + 10 * number) for number in range(KEPT + 1)]
    paths = [references.take(upload) for upload in uploads[:KEPT]]
    references.take(uploads[0])
    paths.append(references.take(uploads[KEPT]))

    kept = {paths[0], *paths[2:]}
    assert {str(path) for path in tmp_path.iterdir()} == kept


def test_an_upload_that_is_too_big(tmp_path: Path):
    """Refused before anything looks at it."""
    with pytest.raises(SynthesisFailed):
        References(tmp_path).take(headed(data=TONE) + bytes(MAX_BYTES))
    assert list(tmp_path.iterdir()) == []
