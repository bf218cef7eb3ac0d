"""A number that the rig's processes share; of one that dies it keeps the last value."""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol, cast

FORK = multiprocessing.get_context("fork")


class Number(Protocol):
    """A whole number in memory that forked processes share."""

    value: int


def number() -> Number:
    """0, without a lock: a killed process would hold it for ever."""
    return cast("Number", FORK.Value("q", 0, lock=False))


def decoders_of(pid: int) -> list[int]:
    """The decoders that a process has started and that run."""
    try:
        children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return [child for child in children if b"etl.reading." in Path(f"/proc/{child}/cmdline").read_bytes()]
    except OSError:
        return []


def killed_with_decoders(pid: int, decoders: Iterable[int], seconds: float) -> list[int]:
    """Kills a process with SIGKILL; those of its decoders that still run so many seconds later."""
    handles = {}
    for decoder in decoders:
        with suppress(ProcessLookupError):
            handles[decoder] = os.pidfd_open(decoder)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    ended = {decoder: bool(select.select([handle], [], [], seconds)[0]) for decoder, handle in handles.items()}
    for handle in handles.values():
        os.close(handle)
    return [decoder for decoder, has_ended in ended.items() if not has_ended]
