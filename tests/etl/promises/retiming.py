"""`python -m tests.etl.promises.retiming URL ZONE N`: a retime in chunks of 4 rows that kills itself after the Nth chunk."""

from __future__ import annotations

import itertools
import os
import signal
import sys

from etl.store.database import Database
from etl.upkeep.retime import retime


def main(url: str, zone: str, last_chunk: int) -> None:
    """SIGKILL: nothing is closed, nothing is rolled back by the process."""
    chunks = itertools.count(1)

    def reached(_rows: int) -> None:
        if next(chunks) == last_chunk:
            os.kill(os.getpid(), signal.SIGKILL)

    retime(Database(url), zone, dry_run=False, chunk_rows=4, reached=reached)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
