"""PCM into the formats that clients ask for, whole or piece by piece.

PCM is 16-bit little-endian mono, as bytes.
"""

from __future__ import annotations

import io
import struct

import numpy as np
import soundfile
from numpy.typing import NDArray

from tts_app.resampling import Resampler, resampled

# soundfile's (format, subtype) and the media type of each format. Raw samples name their rate nowhere else: OpenAI's
# clients take them for 24,000 Hz.
RAW_HZ = 24000
FORMATS: dict[str, tuple[str, str, str]] = {
    "wav": ("WAV", "PCM_16", "audio/wav"),
    "flac": ("FLAC", "PCM_16", "audio/flac"),
    "mp3": ("MP3", "MPEG_LAYER_III", "audio/mpeg"),
    "opus": ("OGG", "OPUS", "audio/ogg"),
    "pcm": ("RAW", "PCM_16", f"audio/pcm; rate={RAW_HZ}; channels=1"),
}

# FLAC is not among them: without its length in the head, common readers refuse the file.
STREAMED = ("wav", "mp3", "opus", "pcm")
# The rates that Opus knows, and the size that a WAV of unknown length claims.
OPUS_HZ = (8000, 12000, 16000, 24000, 48000)
OPEN_END = 0xFFFFFFFF


def encode_audio(pcm: bytes, sample_rate_hz: int, audio_format: str) -> bytes:
    """`pcm` as a file of one of FORMATS. Raw samples come out at 24,000 Hz, Opus at the next rate that it knows."""
    rate = _rate_of(audio_format, sample_rate_hz)
    samples = resampled(np.frombuffer(pcm, dtype="<i2"), sample_rate_hz, rate)
    if audio_format == "pcm":
        return samples.astype("<i2").tobytes()
    container, subtype, _ = FORMATS[audio_format]
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format=container, subtype=subtype)
    return out.getvalue()


class StreamEncoder:
    """One file of one of STREAMED in pieces, for a sound whose length nobody knows yet: a WAV's head claims 4 GiB."""

    def __init__(self, audio_format: str, sample_rate_hz: int) -> None:
        rate = _rate_of(audio_format, sample_rate_hz)
        self._resampler = Resampler(sample_rate_hz, rate) if rate != sample_rate_hz else None
        self._sink = _Sink()
        self._file: soundfile.SoundFile | None = None
        if audio_format == "wav":
            self._sink.write(_open_wav_head(rate))
        elif audio_format != "pcm":
            container, subtype, _ = FORMATS[audio_format]
            # Without its length in the head a file of changing bit rate would be taken for a shorter one.
            steady = {"bitrate_mode": "CONSTANT", "compression_level": 0.5} if audio_format == "mp3" else {}
            self._file = soundfile.SoundFile(self._sink, "w", rate, 1, subtype, format=container, **steady)

    def feed(self, pcm: bytes) -> bytes:
        """What can be sent once `pcm` is known: empty where the format holds it back for a while."""
        samples = np.frombuffer(pcm, dtype="<i2")
        return self._encoded(self._resampler.feed(samples) if self._resampler else samples)

    def finish(self) -> bytes:
        """The end of the file."""
        rest = self._encoded(self._resampler.finish()) if self._resampler else b""
        if self._file is not None:
            self._file.close()
            rest += self._sink.take()
        return rest

    def _encoded(self, samples: NDArray[np.int16]) -> bytes:
        if self._file is None:
            self._sink.write(samples.astype("<i2").tobytes())
        elif samples.size:
            self._file.write(samples)
        return self._sink.take()


class _Sink(io.RawIOBase):
    """What soundfile writes to: keeps new bytes until they are taken, and forgets corrections of those taken."""

    def __init__(self) -> None:
        super().__init__()
        self._fresh = bytearray()
        self._taken = 0
        self._at = 0

    def take(self) -> bytes:
        fresh = bytes(self._fresh)
        self._taken += len(fresh)
        self._fresh.clear()
        return fresh

    def write(self, data: object) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type]
        kept = piece[max(0, self._taken - self._at) :]
        start = max(0, self._at - self._taken)
        self._fresh[start : start + len(kept)] = kept
        self._at += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._taken + len(self._fresh)}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True


def _open_wav_head(rate: int) -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
    return b"RIFF" + struct.pack("<I", OPEN_END) + b"WAVE" + form + b"data" + struct.pack("<I", OPEN_END)


def _rate_of(audio_format: str, sample_rate_hz: int) -> int:
    if audio_format == "pcm":
        return RAW_HZ
    if audio_format == "opus":
        return next((rate for rate in OPUS_HZ if rate >= sample_rate_hz), OPUS_HZ[-1])
    return sample_rate_hz
