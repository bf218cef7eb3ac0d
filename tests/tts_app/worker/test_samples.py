"""Every form that the engines return, as 16-bit PCM."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.tts_app.adapters.conftest import recording
from tts_app.worker.vox_worker.adapter import SynthesisFailed
from tts_app.worker.vox_worker.samples import from_scaled, from_unit, from_whole


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch", reason="torch is not installed (.ci/run installs it)")


def test_tensors(torch: Any):
    """In +-1 and in +-32767, of any shape and type, clipped and rounded."""
    unit = torch.tensor([[0.0, 0.5, -0.5, 1.5, -7.0]])
    scaled = torch.tensor([[[0.4, 32767.0, -40000.0]]], dtype=torch.float64, requires_grad=True)

    assert list(array("h", from_unit(unit))) == [0, 16384, -16384, 32767, -32767]
    assert list(array("h", from_unit(unit.bfloat16()))) == [0, 16384, -16384, 32767, -32767]
    assert list(array("h", from_scaled(scaled))) == [0, 32767, -32767]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number(torch: Any, value: float):
    """Is no sound either."""
    for convert in (from_unit, from_scaled):
        with pytest.raises(SynthesisFailed) as caught:
            convert(torch.tensor([0.0, value]))
        assert caught.value.code == "BAD_OUTPUT"


def test_results_as_a_whole(tmp_path: Path):
    """A pair of rate and samples in a column, or the path of a file."""
    path = tmp_path / "out.wav"
    path.write_bytes(recording(0.1, rate_hz=22_050))
    column = np.array([[1], [-2], [3]], dtype=np.int16)

    assert list(array("h", from_whole((22_050, column), 22_050))) == [1, -2, 3]
    assert from_whole(str(path), 22_050) == path.read_bytes()[44:]


NOTHING: dict[str, Any] = {
    "None": None,
    "no samples": (22_050, np.zeros((0, 1), dtype=np.int16)),
    "another rate": (24_000, np.zeros((3, 1), dtype=np.int16)),
}


@pytest.mark.parametrize("result", NOTHING.values(), ids=NOTHING)
def test_results_that_are_none(result: Any):
    """BAD_OUTPUT."""
    with pytest.raises(SynthesisFailed) as caught:
        from_whole(result, 22_050)
    assert caught.value.code == "BAD_OUTPUT"
