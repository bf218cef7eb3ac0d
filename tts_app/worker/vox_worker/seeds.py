"""A seed for engines that take none."""

from __future__ import annotations

import random
from typing import Any


class Seeds:
    """Sets the random numbers of torch and Python; an order without a seed after one with it gets fresh ones."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self._set = False

    def use(self, seed: int | None) -> None:
        """What is random from here on follows from `seed`."""
        if seed is not None:
            self._torch.manual_seed(seed)
            random.seed(seed)
        elif self._set:
            self._torch.seed()
            random.seed()
        self._set = seed is not None
