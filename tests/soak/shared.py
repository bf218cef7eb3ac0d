"""A number that the rig's processes share; of one that dies it keeps the last value."""

from __future__ import annotations

import multiprocessing
from typing import Protocol, cast

FORK = multiprocessing.get_context("fork")


class Number(Protocol):
    """A whole number in memory that forked processes share."""

    value: int


def number() -> Number:
    """0, without a lock: a killed process would hold it for ever."""
    return cast("Number", FORK.Value("q", 0, lock=False))
