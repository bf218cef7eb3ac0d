"""Keeps an engine that runs in this process from downloading anything, and from logging.

Engines fetch missing parts from Hugging Face or ModelScope on their own, some without a switch against it. So no Python code of
this process may connect to another host once this is in force; processes on this machine may still talk (vLLM's own do).
"""

from __future__ import annotations

import logging
import os
import socket
import sys
from typing import Any

SWITCHES = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TQDM_DISABLE": "1",
}
LOCAL = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104 - compared with, never bound to


def stay_offline() -> None:
    """From now on: no connection to another host, no log record of any library (some quote the text that they speak)."""
    os.environ.update(SWITCHES)
    logging.disable(logging.CRITICAL)
    sys.addaudithook(_refuse)
    _use_modelscope_cache()


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo" and not _local(arguments[0]):
        raise OSError("this process has no network")
    if event == "socket.connect" and arguments[0].family in (socket.AF_INET, socket.AF_INET6):
        host = arguments[1][0] if isinstance(arguments[1], tuple) else None
        if not _local(host):
            raise OSError("this process has no network")


def _local(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    return name is None or (isinstance(name, str) and name.startswith(LOCAL))


def _use_modelscope_cache() -> None:
    """`modelscope.snapshot_download` asks its server even for what lies in its cache; the number reader `wetext` calls it."""
    try:
        import modelscope
    except ImportError:
        return
    real = modelscope.snapshot_download

    def from_cache(*arguments: Any, **named: Any) -> Any:
        return real(*arguments, **{**named, "local_files_only": True})

    modelscope.snapshot_download = from_cache
