"""The rotator of the rig: what logrotate does, at a hundred times its pace (rename + create, copytruncate, gzip)."""

from __future__ import annotations

import gzip
import random
import shutil
import time
from pathlib import Path

from tests.soak.shared import Number

MODES = ("rename", "copytruncate", "mix")
#: A writer reopens within a second; delaycompress gives it a day, the rig these seconds.
_COMPRESS_AFTER_SECONDS = 5.0


def rotate_until(log: Path, mode: str, stop: Number, seed: int) -> None:
    """Rotates every 0.3 to 2 seconds until `stop`, never leaving a file half compressed."""
    rng = random.Random(seed)  # noqa: S311
    waiting: list[tuple[float, Path]] = []
    number = 0
    while not stop.value:
        number += 1
        rotated = log.with_name(f"{log.name}-20261122-{number:06d}")
        how = rng.choice(MODES[:2]) if mode == "mix" else mode
        if how == "rename":
            log.rename(rotated)
            log.touch()
        else:
            shutil.copyfile(log, rotated)
            # What is written now, and not loaded before the cut, will be in no file: the race of copytruncate.
            time.sleep(rng.choice((0.0, 0.05)))
            log.open("r+b").truncate(0)
        waiting.append((time.monotonic(), rotated))
        while waiting and time.monotonic() - waiting[0][0] > _COMPRESS_AFTER_SECONDS:
            _compress(waiting.pop(0)[1])
        time.sleep(rng.uniform(0.3, 2.0))


def _compress(plain: Path) -> None:
    """In steps, so that the archive is seen at 0 bytes, at 2, in its middle and without its trailer."""
    data = gzip.compress(plain.read_bytes())
    with plain.with_name(plain.name + ".gz").open("wb", buffering=0) as packed:
        for start, end in ((0, 2), (2, len(data) // 2), (len(data) // 2, len(data) - 4), (len(data) - 4, len(data))):
            time.sleep(0.02)
            packed.write(data[start:end])
    plain.unlink()
