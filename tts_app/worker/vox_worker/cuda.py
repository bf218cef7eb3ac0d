"""Which device an engine works on, decided before torch is loaded: the process sees that one GPU and no other.

Engines put parts of themselves on "the" GPU whatever device they are given, so the others are hidden from them.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

from .adapter import Unavailable


@dataclass(frozen=True, slots=True)
class Choice:
    """`device` as torch calls it in this process; `gpu_index` as nvidia-smi counts, None where it isn't known or no GPU."""

    device: str | None
    gpu_index: int | None = None


def hide_others(wanted: str | None, environment: Any = os.environ) -> Choice:
    """Leaves the GPU that `wanted` names visible: `cpu`, `cuda`, `cuda:N`; None takes the first one, if there is any.

    N counts as nvidia-smi does, or among those of CUDA_VISIBLE_DEVICES where that is set.

    Raises:
        Unavailable: no such name, or N is above what CUDA_VISIBLE_DEVICES holds.
    """
    if wanted == "cpu":
        environment["CUDA_VISIBLE_DEVICES"] = ""
        return Choice("cpu")
    match = re.fullmatch(r"cuda(?::(\d{1,3}))?", wanted or "cuda")
    if match is None:
        raise Unavailable("option device can't be used", "it must be cpu, cuda or cuda:N")
    # CUDA's own order is by speed, NVML's by bus.
    environment.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    number, visible = int(match[1] or 0), environment.get("CUDA_VISIBLE_DEVICES")
    shown = [name.strip() for name in visible.split(",") if name.strip()] if visible is not None else [str(number)]
    place = number if visible is not None else 0
    if place >= len(shown):
        if wanted is None:
            return Choice(None)
        raise Unavailable(f"there is no device {wanted}", f"CUDA_VISIBLE_DEVICES shows {len(shown)}")
    environment["CUDA_VISIBLE_DEVICES"] = shown[place]
    index = int(shown[place]) if shown[place].isdigit() else None
    return Choice(None if wanted is None else "cuda:0", index)


def settle(choice: Choice, torch: Any) -> Choice:
    """The choice as torch sees it.

    Raises:
        Unavailable: a GPU was asked for, and torch sees none.
    """
    if choice.device == "cpu":
        return choice
    if torch.cuda.is_available():
        return Choice("cuda:0", choice.gpu_index)
    if choice.device is not None:
        raise Unavailable(
            "a GPU was asked for, and torch sees none",
            "nvidia-smi must work, and torch must be a CUDA build (python -c 'import torch; print(torch.version.cuda)')",
        )
    return Choice("cpu")
