"""What can go wrong in an engine, asked for by a word in the text."""

import os
import time

import torch


def strike(text: str, segment_tokens: int) -> None:
    """Raises, hangs or dies as the real engine does where `text` holds one of the words."""
    if "oomgpu" in text or ("oombig" in text and segment_tokens > 60):
        raise torch.OutOfMemoryError(
            "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 7.60 GiB"
        )
    if "oomhost" in text:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:117] data. DefaultCPUAllocator: can't allocate memory")
    if "cudaassert" in text:
        raise RuntimeError(
            "CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously reported"
        )
    if "quoting" in text:
        raise RuntimeError(f"nothing to do for {text!r}")
    if "crashing" in text:
        os.abort()
    if "leaving" in text:
        raise SystemExit(3)
    if "hanging" in text:
        while True:
            time.sleep(60)
