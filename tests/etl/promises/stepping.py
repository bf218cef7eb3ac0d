"""`python -m tests.etl.promises.stepping URL LOG CLOCK THEN`: an import whose clock steps to THEN within its first transaction.

CLOCK is the file that libfaketime reads the time from. Prints the year at its start and at its end.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from etl.config import Settings
from etl.loading.runs import Surroundings, import_once
from etl.store.database import Database


def main(url: str, log: str, clock: str, then: str) -> None:
    """One pass."""

    def reached(step: str) -> None:
        if step == "inserted":
            Path(clock).write_text(then)

    years = [datetime.now(UTC).year]
    database = Database(url)
    settings = Settings(url, (), "default", None, Path(log).parent, json=False, verbose=False)
    import_once(database, settings, [log], Surroundings(host_timezone="Asia/Shanghai", reached=reached))
    database.close()
    years.append(datetime.now(UTC).year)
    sys.stdout.write(f"{years}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
