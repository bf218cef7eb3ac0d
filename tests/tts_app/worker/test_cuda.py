"""Which GPU a worker sees, by what was asked for and by what the environment shows already."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tts_app.worker.vox_worker.adapter import Unavailable
from tts_app.worker.vox_worker.cuda import Choice, hide_others, settle

BY_BUS = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}

CASES: dict[str, tuple[str | None, dict[str, str], Choice, dict[str, str]]] = {
    "no GPU": ("cpu", {}, Choice("cpu"), {"CUDA_VISIBLE_DEVICES": ""}),
    "any": (None, {}, Choice(None, 0), {**BY_BUS, "CUDA_VISIBLE_DEVICES": "0"}),
    "the first": ("cuda", {}, Choice("cuda:0", 0), {**BY_BUS, "CUDA_VISIBLE_DEVICES": "0"}),
    "the third": ("cuda:2", {}, Choice("cuda:0", 2), {**BY_BUS, "CUDA_VISIBLE_DEVICES": "2"}),
    "the second of those shown": (
        "cuda:1",
        {"CUDA_VISIBLE_DEVICES": "3, 5"},
        Choice("cuda:0", 5),
        {**BY_BUS, "CUDA_VISIBLE_DEVICES": "5"},
    ),
    "one shown by its UUID": (
        "cuda:0",
        {"CUDA_VISIBLE_DEVICES": "GPU-a1b2"},
        Choice("cuda:0", None),
        {**BY_BUS, "CUDA_VISIBLE_DEVICES": "GPU-a1b2"},
    ),
    "any where none is shown": (
        None,
        {"CUDA_VISIBLE_DEVICES": ""},
        Choice(None),
        {**BY_BUS, "CUDA_VISIBLE_DEVICES": ""},
    ),
    "an order of somebody's own": (
        "cuda:0",
        {"CUDA_DEVICE_ORDER": "FASTEST_FIRST"},
        Choice("cuda:0", 0),
        {"CUDA_DEVICE_ORDER": "FASTEST_FIRST", "CUDA_VISIBLE_DEVICES": "0"},
    ),
}


@pytest.mark.parametrize(("wanted", "before", "choice", "after"), CASES.values(), ids=CASES)
def test_what_is_left_visible(wanted: str | None, before: dict[str, str], choice: Choice, after: dict[str, str]):
    """One GPU at most, which torch then calls cuda:0."""
    environment = dict(before)

    assert hide_others(wanted, environment) == choice
    assert environment == after


@pytest.mark.parametrize(
    ("wanted", "shown"), [("gpu", None), ("cuda:x", None), ("cuda:-1", None), ("cuda:2", "0,1"), ("cuda:0", "")]
)
def test_what_isnt_there(wanted: str, shown: str | None):
    """A name that is none, and a number above what is shown."""
    with pytest.raises(Unavailable):
        hide_others(wanted, {} if shown is None else {"CUDA_VISIBLE_DEVICES": shown})


def torch(*, sees_gpu: bool) -> SimpleNamespace:
    return SimpleNamespace(cuda=SimpleNamespace(is_available=lambda: sees_gpu))


def test_what_torch_sees_of_it():
    """Without a name the CPU is good enough; with one it is not."""
    assert settle(Choice(None, 0), torch(sees_gpu=True)) == Choice("cuda:0", 0)
    assert settle(Choice(None, 0), torch(sees_gpu=False)) == Choice("cpu")
    assert settle(Choice("cuda:0", 2), torch(sees_gpu=True)) == Choice("cuda:0", 2)
    assert settle(Choice("cpu"), torch(sees_gpu=True)) == Choice("cpu")
    with pytest.raises(Unavailable, match="torch sees none"):
        settle(Choice("cuda:0", 2), torch(sees_gpu=False))
