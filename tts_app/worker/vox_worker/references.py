"""Uploaded sound as files that an engine can read: decoded here, bounded, and gone when others came.

A file is named by a keyed hash of the upload, so the same sound has the same path, which is what the engines' own caches compare,
and no name tells anything. Only WAV, FLAC, Ogg and MP3 by their first bytes are looked at: a decoder such as ffmpeg would open
play lists that name other files. `wave` of the standard library reads most WAV files, soundfile or torchaudio the others,
where the engine's environment has one.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import sys
import wave
from array import array
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .adapter import SynthesisFailed

MAX_BYTES = 20 * 1024 * 1024
MIN_SECONDS, MAX_SECONDS = 0.1, 30.0
MIN_RATE_HZ, MAX_RATE_HZ = 16_000, 192_000
MAX_CHANNELS = 8
SILENT_PEAK = 64
KEPT = 4


@dataclass(frozen=True, slots=True)
class Clip:
    """Decoded sound: 16-bit little-endian mono PCM and its rate."""

    pcm: bytes
    rate_hz: int


class References:
    """The files of the last uploads.

    Args:
        folder: where they lie; whoever made it removes it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = secrets.token_bytes(32)
        self._kept: OrderedDict[str, Path] = OrderedDict()

    def take(self, upload: bytes) -> str:
        """Where the decoded `upload` lies, at least until three others were taken.

        Raises:
            SynthesisFailed: REF_AUDIO_INVALID.
        """
        if len(upload) > MAX_BYTES:
            raise _invalid()
        name = hashlib.blake2b(upload, key=self._key, digest_size=16).hexdigest()
        path = self._kept.pop(name, None) or _written(self._folder / f"{name}.wav", decode(upload))
        self._kept[name] = path
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)[1].unlink(missing_ok=True)
        return str(path)


def decode(upload: bytes) -> Clip:
    """The sound of an upload.

    Raises:
        SynthesisFailed: REF_AUDIO_INVALID where it is no sound that can be read here, shorter than 0.1 s, longer than 30 s,
            below 16 kHz, silent, or of more than 8 channels.
    """
    if not _known_kind(upload):
        raise _invalid()
    clip = _by_wave(upload) or _by_soundfile(upload) or _by_torchaudio(upload)
    if clip is None or not MIN_RATE_HZ <= clip.rate_hz <= MAX_RATE_HZ:
        raise _invalid()
    samples = _samples(clip.pcm)
    if not MIN_SECONDS <= len(samples) / clip.rate_hz <= MAX_SECONDS:
        raise _invalid()
    if max(max(samples), -min(samples)) < SILENT_PEAK:
        raise _invalid()
    return clip


def _invalid() -> SynthesisFailed:
    return SynthesisFailed("REF_AUDIO_INVALID", "validate")


def _known_kind(upload: bytes) -> bool:
    head = upload[:4]
    mpeg = head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)
    return head in (b"fLaC", b"OggS") or (head == b"RIFF" and upload[8:12] == b"WAVE") or mpeg


def _by_wave(upload: bytes) -> Clip | None:
    """PCM by the standard library; None where it can't read this one, or where the header alone says that it must not."""
    try:
        with wave.open(io.BytesIO(upload)) as sound:
            channels, width, rate = sound.getnchannels(), sound.getsampwidth(), sound.getframerate()
            if channels > MAX_CHANNELS or rate > MAX_RATE_HZ:
                return None
            # One frame more than allowed, so that what is too long is seen to be.
            data = sound.readframes(int(rate * MAX_SECONDS) + 1)
    except (wave.Error, EOFError, ValueError, ZeroDivisionError):
        return None
    # Some streams have a head that says 0 bytes; another decoder may know better.
    return Clip(mono(data, channels, width), rate) if data else None


def _by_soundfile(upload: bytes) -> Clip | None:
    try:
        import soundfile
    except (ImportError, OSError):
        return None
    try:
        with soundfile.SoundFile(io.BytesIO(upload)) as sound:
            if sound.channels > MAX_CHANNELS or sound.samplerate > MAX_RATE_HZ:
                return None
            # As int16 it would give floats unscaled: all of them 0.
            data = sound.read(int(sound.samplerate * MAX_SECONDS) + 1, dtype="float32", always_2d=True)
            pcm = (data.mean(axis=1).clip(-1, 1) * 32767).astype("<i2").tobytes()
            return Clip(pcm, sound.samplerate)
    except (soundfile.SoundFileError, ValueError, TypeError, OSError):
        return None


def _by_torchaudio(upload: bytes) -> Clip | None:
    # Never imported for this alone: it brings torch, and what is decoded here is decoded for an engine that has it.
    torchaudio: Any = sys.modules.get("torchaudio")
    if torchaudio is None:
        return None
    try:
        sound, rate = torchaudio.load(io.BytesIO(upload), num_frames=int(MAX_RATE_HZ * MAX_SECONDS))
        if sound.shape[0] > MAX_CHANNELS:
            return None
        pcm = (sound.float().mean(0).clamp(-1, 1) * 32767).short().numpy().tobytes()
    except Exception:  # noqa: BLE001 - its backends raise whatever they like at bytes they can't read
        return None
    return Clip(pcm, int(rate))


def mono(data: bytes, channels: int, width: int) -> bytes:
    """Little-endian PCM of 1 to 4 bytes a sample as 16-bit mono: the upper two bytes, and the mean of the channels."""
    frames = len(data) // (channels * width)
    data = data[: frames * channels * width]
    if width == 1:
        # Eight bits are unsigned: flipping the sign bit makes them the upper byte.
        upper = bytearray(2 * len(data))
        upper[1::2] = data.translate(bytes(value ^ 0x80 for value in range(256)))
        data = bytes(upper)
    elif width > 2:
        upper = bytearray(2 * (len(data) // width))
        upper[0::2], upper[1::2] = data[width - 2 :: width], data[width - 1 :: width]
        data = bytes(upper)
    if channels == 1:
        return data
    samples = _samples(data)
    apart = [samples[place::channels] for place in range(channels)]
    mixed = array("h", (sum(frame) // channels for frame in zip(*apart, strict=True)))
    return _little_endian(mixed)


def _samples(pcm: bytes) -> array[int]:
    samples = array("h")
    samples.frombytes(pcm)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _little_endian(samples: array[int]) -> bytes:
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


def _written(path: Path, clip: Clip) -> Path:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(clip.rate_hz)
        sound.writeframes(clip.pcm)
    return path
