"""What a first order that nobody hears needs: a sound for a reference, and a report that nobody reads."""

from __future__ import annotations

import math
import tempfile
import wave
from array import array
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

RATE_HZ, SECONDS, PITCH_HZ = 24_000, 3, 140


class Nobody:
    """An `adapter.Report` that keeps nothing."""

    def stage(self, name: str) -> AbstractContextManager[None]:
        """See `adapter.Report`."""
        return nullcontext()

    def note(self, **figures: Any) -> None:
        """See `adapter.Report`."""

    def warn(self, code: str) -> None:
        """See `adapter.Report`."""

    def cancelled(self) -> bool:
        """See `adapter.Report`."""
        return False


@contextmanager
def buzz() -> Iterator[str]:
    """The path of three seconds of a voice-like buzz, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="vox-warm-") as folder:
        path = Path(folder, "buzz.wav")
        period = [
            sum(math.sin(2 * math.pi * k * t * PITCH_HZ / RATE_HZ) / k for k in range(1, 12)) for t in range(RATE_HZ)
        ]
        with wave.open(str(path), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(RATE_HZ)
            sound.writeframes(array("h", (int(8000 * value) for value in period)).tobytes() * SECONDS)
        yield str(path)
