"""An engine's exception becomes a code by its class and its words, and the words stay in the worker."""

from __future__ import annotations

import pytest

from tts_app.worker.vox_worker.adapter import SynthesisFailed
from tts_app.worker.vox_worker.failures import class_name, failure_of


class OutOfMemoryError(RuntimeError):
    """As torch.OutOfMemoryError."""


class AcceleratorError(RuntimeError):
    """As torch.AcceleratorError."""


@pytest.mark.parametrize(
    ("error", "code", "fatal"),
    [
        (OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."), "OOM_GPU", False),
        (RuntimeError("CUDA error: out of memory"), "OOM_GPU", False),
        (RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), "OOM_GPU", False),
        (MemoryError(), "OOM_HOST", False),
        (
            RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"),
            "OOM_HOST",
            False,
        ),
        (OSError(12, "Cannot allocate memory"), "OOM_HOST", False),
        (RuntimeError("CUDA error: device-side assert triggered"), "CUDA_ERROR", True),
        (AcceleratorError("CUDA error: an illegal memory access was encountered"), "CUDA_ERROR", True),
        (RuntimeError("CUBLAS_STATUS_EXECUTION_FAILED"), "CUDA_ERROR", True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_MAPPING_ERROR"), "CUDA_ERROR", True),
        (ValueError("a text about a device-side assert"), "INTERNAL", False),
        (KeyError("x"), "INTERNAL", False),
        (SystemExit(1), "INTERNAL", True),
        (SynthesisFailed("BAD_OUTPUT"), "BAD_OUTPUT", False),
        (SynthesisFailed("CANCELLED", fatal=True), "CANCELLED", True),
    ],
)
def test_each_kind_of_failure_has_its_code(error: BaseException, code: str, fatal: bool) -> None:
    """Torch's words as its sources have them; after some of them the process is of no use any more."""
    failure = failure_of(error)

    assert (failure.code, failure.fatal) == (code, fatal)


def test_the_class_is_told_without_its_words() -> None:
    """The message may quote the text."""
    assert class_name(ValueError("my secret")) == "ValueError"
    assert class_name(type("X" * 100, (Exception,), {})()) == "X" * 64
