"""Whether a sound can be heard: length, loudness, silence and clipping of 16-bit little-endian mono PCM, piece by piece.

The figures are the same however the sound is cut into pieces: sums are whole numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FULL_SCALE = 32768
# A frame of 20 ms below -60 dBFS counts as silence; a sample at either end of the range as clipped.
FRAME_SECONDS = 0.02
SILENCE_DBFS = -60.0
FLOOR_DBFS = -120.0
_QUIET_POWER = (FULL_SCALE * 10 ** (SILENCE_DBFS / 20)) ** 2
_SAMPLE_BYTES = 2


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


class Loudness:
    """Measures a sound as its pieces come; a piece may end anywhere, also between the two bytes of a sample."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._rate = sample_rate_hz
        self._frame = max(1, round(sample_rate_hz * FRAME_SECONDS))
        self._rest = b""
        self._samples = 0
        self._power = 0
        self._clipped = 0
        self._frames = 0
        self._quiet = 0

    @property
    def audible(self) -> bool:
        """Whether a whole frame so far was above silence."""
        return self._quiet < self._frames

    def add(self, pcm: bytes) -> None:
        """Takes the next piece."""
        data = self._rest + pcm if self._rest else pcm
        whole = len(data) // (self._frame * _SAMPLE_BYTES) * self._frame
        self._rest = bytes(data[whole * _SAMPLE_BYTES :])
        if whole:
            self._count(np.frombuffer(data, dtype="<i2", count=whole))

    def measures(self) -> Measures:
        """The figures of all pieces. RMS is relative to full scale, at least -120 dBFS, so that zeros give a number too.

        A last frame that isn't full is silent or not as if zeros filled it.
        """
        rest = np.frombuffer(self._rest, dtype="<i2", count=len(self._rest) // _SAMPLE_BYTES)
        samples = self._samples + rest.size
        if samples == 0:
            return Measures(0.0, None, None, None)
        power, clipped, quiet = _sums(np.pad(rest, (0, -rest.size % self._frame)), self._frame)
        frames = self._frames + bool(rest.size)
        return Measures(
            audio_seconds=samples / self._rate,
            audio_rms_dbfs=_dbfs((self._power + power) / samples),
            silence_ratio=(self._quiet + quiet) / frames,
            clipped_ratio=(self._clipped + clipped) / samples,
        )

    def _count(self, samples: NDArray[np.int16]) -> None:
        power, clipped, quiet = _sums(samples, self._frame)
        self._samples += samples.size
        self._power += power
        self._clipped += clipped
        self._frames += samples.size // self._frame
        self._quiet += quiet


def measure(pcm: bytes, sample_rate_hz: int) -> Measures:
    """The figures of a whole sound."""
    loudness = Loudness(sample_rate_hz)
    loudness.add(pcm)
    return loudness.measures()


def _sums(samples: NDArray[np.int16], frame: int) -> tuple[int, int, int]:
    """The sum of squares, the clipped samples, and the silent frames of whole frames."""
    squares = samples.astype(np.int64) ** 2
    frames = squares.reshape(-1, frame).sum(axis=1)
    clipped = np.count_nonzero(samples >= FULL_SCALE - 1) + np.count_nonzero(samples <= -FULL_SCALE)
    return int(frames.sum()), int(clipped), int(np.count_nonzero(frames < _QUIET_POWER * frame))


def _dbfs(power: float) -> float:
    return max(FLOOR_DBFS, 10 * math.log10(power / FULL_SCALE**2)) if power > 0 else FLOOR_DBFS
