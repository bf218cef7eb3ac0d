"""Sound as it comes from a server, cut anywhere."""

from __future__ import annotations

import contextlib
import io
import itertools
import wave

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_app.worker.vox_worker import sounds
from tts_app.worker.vox_worker.adapter import SynthesisFailed
from tts_app.worker.vox_worker.sounds import pcm_pieces


def wav(pcm: bytes, channels: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(pcm)
    return file.getvalue()


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@settings(deadline=None)
@given(samples=st.binary(min_size=2, max_size=200), size=st.integers(1, 120), whole=st.booleans())
def test_pieces_of_any_size_are_the_same_sound(samples: bytes, size: int, whole: bool):
    """In pieces of whole samples, none of them empty, whether the sound is passed on as it comes or converted first."""
    pcm = samples[: len(samples) // 2 * 2]
    body = wav(pcm, 1) if whole else pcm
    pieces = list(pcm_pieces("audio/wav" if whole else "audio/pcm", iter(cut(body, size)), 24_000))

    assert b"".join(piece for _, piece in pieces) == pcm
    assert all(len(piece) % 2 == 0 and piece for _, piece in pieces)
    assert {rate for rate, _ in pieces} == {16_000 if whole else 24_000}


@settings(deadline=None)
@given(data=st.binary(max_size=100), kind=st.sampled_from(["audio/wav", "audio/pcm", "audio/mpeg", "", "text/html"]))
def test_any_bytes_are_sound_or_refused(data: bytes, kind: str):
    """Nothing else, whatever a server sends."""
    with contextlib.suppress(SynthesisFailed):
        pieces = list(pcm_pieces(kind, iter([b"RIFF\0\0\0\0WAVE" + data]), 24_000))
        assert all(len(piece) % 2 == 0 for _, piece in pieces)


def test_a_server_that_never_stops():
    """Ended at 256 MiB."""
    endless = itertools.repeat(bytes(sounds.MAX_BYTES // 4), 8)
    with pytest.raises(SynthesisFailed) as caught:
        for _ in pcm_pieces("audio/pcm", endless, 24_000):
            pass
    assert caught.value.code == "BAD_OUTPUT"
