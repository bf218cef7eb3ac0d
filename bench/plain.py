"""A baseline: the plain loop that one would write first, into an empty twin of tts_request.

orjson, the standard library's sqlite3, WAL, executemany by 1,000. It fills the same columns with the same values, so
that both end with equal tables; of what the loader promises (exactly once, bad input, counters) it does nothing.
"""

from __future__ import annotations

import hashlib
import sqlite3
import sys
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from bench.twins import COPIED, twin

_ZONE = ZoneInfo("Asia/Shanghai")
_KEYS = [
    name for name in COPIED if name not in ("event_day", "local_at", "line_sha256", "stream_id", "byte_offset", "extra")
]
_JSON = [_KEYS.index(name) for name in ("warnings", "emotion_vector", "stage_seconds")]


def row(line: bytes, offset: int) -> tuple[Any, ...]:
    """The row of a line (with its newline) that stands at `offset`."""
    found = orjson.loads(line)
    values = [found.get(key) for key in _KEYS]
    for index in _JSON:
        if values[index] is not None:
            values[index] = orjson.dumps(values[index]).decode()
    ts = found["ts"]
    local_at = datetime.fromisoformat(ts).astimezone(_ZONE).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return (ts[:10], local_at, *values, hashlib.sha256(line[:-1]).digest(), 1, offset, None)


def load(log: Path, database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    insert = f"INSERT INTO twin ({', '.join(COPIED)}) VALUES ({', '.join('?' * len(COPIED))})"
    offset = 0
    with log.open("rb") as file:
        while lines := list(islice(file, 1000)):
            rows = []
            for line in lines:
                rows.append(row(line, offset))
                offset += len(line)
            with connection:
                connection.executemany(insert, rows)
    connection.close()


if __name__ == "__main__":
    twin(Path(sys.argv[2]))
    load(Path(sys.argv[1]), Path(sys.argv[2]))
