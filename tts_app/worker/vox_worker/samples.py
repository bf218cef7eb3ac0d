"""What the engines return as 16-bit PCM: torch tensors, numpy arrays, files. numpy and torch come from the engine."""

from __future__ import annotations

import wave
from typing import Any

from .adapter import SynthesisFailed
from .references import mono

FULL_SCALE = 32767.0


def from_unit(tensor: Any) -> bytes:
    """A torch tensor of any shape in -1..1, clipped: unclipped values would wrap around into clicks.

    Raises:
        SynthesisFailed: BAD_OUTPUT where a value is no number.
    """
    return _rounded(_finite(tensor).clamp(-1.0, 1.0) * FULL_SCALE)


def from_scaled(tensor: Any) -> bytes:
    """A torch tensor of any shape in -32767..32767.

    Raises:
        SynthesisFailed: BAD_OUTPUT where a value is no number.
    """
    return _rounded(_finite(tensor).clamp(-FULL_SCALE, FULL_SCALE))


def from_whole(result: Any, rate_hz: int) -> bytes:
    """What a call that doesn't stream returns: (rate, array of 16-bit samples), the path of a WAV file, or None.

    Raises:
        SynthesisFailed: BAD_OUTPUT where there is nothing, or it has another rate.
    """
    if isinstance(result, str):
        with wave.open(result) as sound:
            data = sound.readframes(sound.getnframes())
            rate, pcm = sound.getframerate(), mono(data, sound.getnchannels(), sound.getsampwidth())
    elif isinstance(result, tuple):
        rate, pcm = int(result[0]), result[1].reshape(-1).astype("<i2").tobytes()
    else:
        raise SynthesisFailed("BAD_OUTPUT")
    if rate != rate_hz or not pcm:
        raise SynthesisFailed("BAD_OUTPUT")
    return pcm


def _finite(tensor: Any) -> Any:
    values = tensor.detach().cpu().float().reshape(-1)
    if not bool(values.isfinite().all()):
        raise SynthesisFailed("BAD_OUTPUT")
    return values


def _rounded(values: Any) -> bytes:
    pcm: bytes = values.round().short().numpy().astype("<i2").tobytes()
    return pcm
