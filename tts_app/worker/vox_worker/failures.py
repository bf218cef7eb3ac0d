"""An engine's exception as one of our codes. Its message is read here and goes nowhere: it may quote the text."""

from __future__ import annotations

from .adapter import SynthesisFailed

# After one of these the CUDA context is lost, whatever is called next.
POISONED = (
    "device-side assert",
    "illegal memory access",
    "unspecified launch failure",
    "cublas",
    "cudnn",
    "cuda error",
)
OUT_OF_GPU_MEMORY = (
    "cuda out of memory",
    "cuda error: out of memory",
    "cublas_status_alloc_failed",
    "hip out of memory",
)
OUT_OF_HOST_MEMORY = ("defaultcpuallocator", "can't allocate memory", "cannot allocate memory", "std::bad_alloc")


def failure_of(error: BaseException) -> SynthesisFailed:
    """The failure that `error` stands for.

    Sources of the words: torch's c10/cuda/CUDAException.h, CUDACachingAllocator.cpp, c10/core/impl/alloc_cpu.cpp.
    """
    if isinstance(error, SynthesisFailed):
        return error
    names = {kind.__name__ for kind in type(error).__mro__}
    words = str(error).lower()
    if "OutOfMemoryError" in names or _has(words, OUT_OF_GPU_MEMORY):
        return SynthesisFailed("OOM_GPU")
    if "MemoryError" in names or _has(words, OUT_OF_HOST_MEMORY):
        return SynthesisFailed("OOM_HOST")
    # Only where torch itself complains: a text that somebody wants spoken may hold the same words.
    if names & {"RuntimeError", "AcceleratorError"} and _has(words, POISONED):
        return SynthesisFailed("CUDA_ERROR", fatal=True)
    # An engine that calls exit() has given up on the whole process.
    return SynthesisFailed("INTERNAL", fatal=not isinstance(error, Exception))


def class_name(error: BaseException) -> str:
    """The name of the class of `error`, which no user can choose."""
    return type(error).__name__[:64]


def _has(words: str, any_of: tuple[str, ...]) -> bool:
    return any(word in words for word in any_of)
