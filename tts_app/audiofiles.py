"""The audio files that `POST /generate` answers with a link to: unguessable names, few, and not for long."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is kept; the oldest goes first."""

    files: int = 200
    total_bytes: int = 256 * 1024 * 1024
    age_seconds: float = 3600.0


@dataclass(frozen=True, slots=True)
class Kept:
    """One file: where, how long, and since when (monotonic seconds)."""

    path: Path
    size: int
    at: float


class AudioFiles:
    """Files in `folder`, which is this object's own; not for several threads at once."""

    def __init__(self, folder: Path, bounds: Bounds, *, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._bounds = bounds
        self._clock = clock
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def keep(self, audio: bytes, audio_format: str = "wav") -> str:
        """Stores a file; returns its name: 128 random bits and the format."""
        name = f"{secrets.token_hex(16)}.{audio_format}"
        path = self._folder / name
        # Made anew where a cleaner of temporary folders took it from a service that runs for months.
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(audio)
        self._kept[name] = Kept(path, len(audio), self._clock())
        self.prune()
        return name

    def find(self, name: str) -> Path | None:
        """The file of that name while it is kept."""
        self.prune()
        kept = self._kept.get(name)
        return kept.path if kept and kept.path.exists() else None

    def prune(self) -> None:
        """Removes what is too old or too much."""
        total = sum(kept.size for kept in self._kept.values())
        while self._kept:
            oldest = next(iter(self._kept.values()))
            too_old = self._clock() - oldest.at > self._bounds.age_seconds
            too_much = total > self._bounds.total_bytes and len(self._kept) > 1
            if not (too_old or too_much or len(self._kept) > self._bounds.files):
                return
            self._kept.popitem(last=False)
            oldest.path.unlink(missing_ok=True)
            total -= oldest.size


async def keep_tidy(tidy: Callable[[], None], stop: asyncio.Event, every_seconds: float = 60.0) -> None:
    """Calls `tidy` now and then until `stop` is set: nothing may outstay its time only because nobody comes."""
    while not stop.is_set():
        tidy()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every_seconds)
