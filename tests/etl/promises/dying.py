"""`python -m tests.etl.promises.dying URL LOG N`: an import that kills itself with SIGKILL at the Nth step it reaches."""

from __future__ import annotations

import itertools
import os
import signal
import sys
from pathlib import Path

from etl.config import Settings
from etl.loading.runs import Surroundings, import_once
from etl.store.database import Database


def main(url: str, log: str, last_step: int) -> None:
    """One pass; it reaches `last_step` steps at most."""
    steps = itertools.count(1)

    def reached(_step: str) -> None:
        if next(steps) == last_step:
            os.kill(os.getpid(), signal.SIGKILL)

    database = Database(url)
    settings = Settings(url, (), "default", None, Path(log).parent, json=False, verbose=False)
    import_once(database, settings, [log], Surroundings(reached=reached))
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
