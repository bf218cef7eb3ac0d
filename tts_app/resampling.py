"""Sound at another rate, piece by piece: a windowed sinc, so that pieces join without a click. Mono, 16 bit."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

# Zero crossings of the sinc on each side of a sample, the part of the band that passes, and the window's shape:
# together 80 dB between what passes and what would come back mirrored.
CROSSINGS, PASSBAND, KAISER_BETA = 24, 0.94, 8.0
BLOCK_SAMPLES = 16384


class Resampler:
    """From `from_hz` to `to_hz`, both whole numbers above 0. Feed pieces in their order, then finish."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        common = math.gcd(from_hz, to_hz)
        self._up, self._down = to_hz // common, from_hz // common
        passing = min(1.0, to_hz / from_hz) * PASSBAND
        self._half = math.ceil(CROSSINGS / min(1.0, to_hz / from_hz))
        self._taps = _taps(self._up, self._half, passing)
        # Silence before the first sample, so that it has neighbours on its left.
        self._held: NDArray[np.float32] = np.zeros(self._half - 1, np.float32)
        self._dropped = 0
        self._taken = 0
        self._given = 0

    def feed(self, samples: NDArray[np.int16]) -> NDArray[np.int16]:
        """What can be said of the sound up to here: all but the last few samples, which need their right neighbours."""
        blocks = [self._block(samples[at : at + BLOCK_SAMPLES]) for at in range(0, samples.size, BLOCK_SAMPLES)]
        return np.concatenate(blocks) if blocks else np.zeros(0, np.int16)

    def finish(self) -> NDArray[np.int16]:
        """The rest: together `taken * to_hz / from_hz` samples, rounded up, have come out."""
        wanted = -(-self._taken * self._up // self._down) - self._given
        return self.feed(np.zeros(self._half + 1, np.int16))[:wanted]

    def _block(self, samples: NDArray[np.int16]) -> NDArray[np.int16]:
        self._held = np.concatenate((self._held, samples.astype(np.float32)))
        self._taken += samples.size
        # Output n lies at input n * down / up and needs `half` samples on its right.
        end = max(self._given, -(-(self._taken - self._half) * self._up // self._down))
        places = np.arange(self._given, end, dtype=np.int64) * self._down
        if not places.size:
            return np.zeros(0, np.int16)
        windows = np.lib.stride_tricks.sliding_window_view(self._held, 2 * self._half)
        sound = np.einsum("nk,nk->n", windows[places // self._up - self._dropped], self._taps[places % self._up])
        self._given = end
        done = end * self._down // self._up - self._dropped
        self._held, self._dropped = self._held[done:], self._dropped + done
        samples_out: NDArray[np.int16] = np.clip(np.round(sound), -32768, 32767).astype(np.int16)
        return samples_out


def resampled(samples: NDArray[np.int16], from_hz: int, to_hz: int) -> NDArray[np.int16]:
    """All of a sound at once; unchanged where the rates are equal."""
    if from_hz == to_hz:
        return samples
    resampler = Resampler(from_hz, to_hz)
    return np.concatenate((resampler.feed(samples), resampler.finish()))


def _taps(up: int, half: int, passing: float) -> NDArray[np.float32]:
    """One row for each place between two samples: the weights of its `2 * half` neighbours, 1 in all."""
    distance = np.arange(1 - half, half + 1)[None, :] - (np.arange(up) / up)[:, None]
    window = np.i0(KAISER_BETA * np.sqrt(np.maximum(0, 1 - (distance / half) ** 2))) / np.i0(KAISER_BETA)
    taps = np.sinc(passing * distance) * window
    rows: NDArray[np.float32] = (taps / taps.sum(axis=1, keepdims=True)).astype(np.float32)
    return rows
