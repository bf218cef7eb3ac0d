"""Starts workers that have torch already: one import, some seconds of CPU, for all of them.

`zygote.py FOLDER FD`: reads argument lists from a socket, each with the three descriptors of a worker-to-be.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from typing import NoReturn

import torch


def main() -> None:
    """Until the socket is closed."""
    torch.set_num_threads(1)
    sys.path.insert(0, sys.argv[1])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[2])) as orders:
        while True:
            data, descriptors, _, _ = socket.recv_fds(orders, 65536, 3)
            if not data:
                return
            if os.fork() == 0:
                orders.close()
                become_worker(json.loads(data), descriptors)
            for descriptor in descriptors:
                os.close(descriptor)


def become_worker(arguments: list[str], descriptors: list[int]) -> NoReturn:
    """The rest of this process is a worker's life."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for target, descriptor in enumerate(descriptors):
        os.dup2(descriptor, target)
        os.close(descriptor)
    sys.argv = ["worker", *arguments]
    from vox_worker.main import main as work  # type: ignore[import-not-found]

    try:
        work()
    finally:
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
