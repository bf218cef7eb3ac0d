"""PCM into the formats that clients ask for, and the figures that tell whether it can be heard.

PCM is 16-bit little-endian mono, as bytes.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import soundfile
from numpy.typing import NDArray

# soundfile's (format, subtype) and the media type of each format; pcm goes out as it is.
FORMATS: dict[str, tuple[str, str, str]] = {
    "wav": ("WAV", "PCM_16", "audio/wav"),
    "flac": ("FLAC", "PCM_16", "audio/flac"),
    "mp3": ("MP3", "MPEG_LAYER_III", "audio/mpeg"),
    "opus": ("OGG", "OPUS", "audio/ogg"),
    "pcm": ("RAW", "PCM_16", "audio/L16; rate=22050; channels=1"),
}

OPUS_HZ = 24000
FULL_SCALE = 32768.0
# A frame of 20 ms below -60 dBFS counts as silence; a sample at either end of the range as clipped.
FRAME_SECONDS = 0.02
SILENCE_DBFS = -60.0
FLOOR_DBFS = -120.0


@dataclass(frozen=True, slots=True)
class Measures:
    """What is heard: length, loudness, and the parts (0-1) of it that are silent or clipped. All null without samples."""

    audio_seconds: float
    audio_rms_dbfs: float | None
    silence_ratio: float | None
    clipped_ratio: float | None

    @property
    def silent(self) -> bool:
        """Whether nothing at all can be heard."""
        return self.silence_ratio is None or self.silence_ratio >= 1.0


def measure(pcm: bytes, sample_rate_hz: int) -> Measures:
    """The figures of `pcm`. RMS is relative to full scale, at least -120 dBFS, so that zeros give a number as well."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    if samples.size == 0:
        return Measures(0.0, None, None, None)
    frame = max(1, round(sample_rate_hz * FRAME_SECONDS))
    padded = np.pad(samples, (0, -samples.size % frame)).reshape(-1, frame)
    quiet = np.sqrt(np.mean(padded**2, axis=1)) < FULL_SCALE * 10 ** (SILENCE_DBFS / 20)
    clipped = (samples >= FULL_SCALE - 1) | (samples <= -FULL_SCALE)
    return Measures(
        audio_seconds=samples.size / sample_rate_hz,
        audio_rms_dbfs=_dbfs(samples),
        silence_ratio=float(np.mean(quiet)),
        clipped_ratio=float(np.mean(clipped)),
    )


def encode_audio(pcm: bytes, sample_rate_hz: int, audio_format: str) -> bytes:
    """`pcm` as a file of one of FORMATS. Opus can't hold 22,050 Hz and comes out at 24,000 Hz."""
    if audio_format == "pcm":
        return pcm
    container, subtype, _ = FORMATS[audio_format]
    samples = np.frombuffer(pcm, dtype="<i2")
    if audio_format == "opus":
        samples, sample_rate_hz = _resample(samples, sample_rate_hz, OPUS_HZ), OPUS_HZ
    out = io.BytesIO()
    soundfile.write(out, samples, sample_rate_hz, format=container, subtype=subtype)
    return out.getvalue()


def _dbfs(samples: NDArray[np.float32]) -> float:
    rms = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))) / FULL_SCALE
    return max(FLOOR_DBFS, 20 * float(np.log10(rms))) if rms > 0 else FLOOR_DBFS


def _resample(samples: NDArray[np.int16], from_hz: int, to_hz: int) -> NDArray[np.int16]:
    """Band-limited resampling: the spectrum is kept, the number of samples changes."""
    step = from_hz // int(np.gcd(from_hz, to_hz))
    padded = np.pad(samples, (0, -samples.size % step))
    size = padded.size * to_hz // from_hz
    sound = np.fft.irfft(np.fft.rfft(padded), n=size) * (size / padded.size)
    return np.clip(np.round(sound), -32768, 32767).astype(np.int16)
