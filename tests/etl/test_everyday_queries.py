"""The queries that users write on tts_logs give the same values on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.etl import lines
from tests.etl.loading import loader

TEXT = (Path(__file__).parents[2] / "docs/everyday-queries.sql").read_text()

# (ts in UTC, emotion, characters, seconds, ok): 18:00 UTC is 02:00 of the next day in Asia/Shanghai.
CALLS = [
    ("2026-11-12T01:00:00.000000Z", "calm", 10, 0.5, True),
    *((f"2026-11-{day}T02:30:00.500000Z", "neutral", 50, 1.0, True) for day in range(13, 20)),
    ("2026-11-20T15:59:59.999999Z", "happy", 150, 2.0, True),
    ("2026-11-20T18:00:00.000000Z", "happy", 151, 4.0, True),
    ("2026-11-21T15:59:59.000000Z", "sad", 49, 0.25, False),
]

EXPECTED: dict[str, list[tuple[Any, ...]]] = {
    "calls and success rate by day": [
        ("2026-11-12", 1, 100.0),
        *((f"2026-11-{day}", 1, 100.0) for day in range(13, 21)),
        ("2026-11-21", 2, 50.0),
    ],
    "calls, latency and success rate by emotion": [
        ("neutral", 7, 1.0, 100.0),
        ("happy", 2, 3.0, 100.0),
        ("calm", 1, 0.5, 100.0),
        ("sad", 1, 0.25, 0.0),
    ],
    "latency of successful calls by length class": [("short", 1, 0.5), ("medium", 8, 1.125), ("long", 1, 4.0)],
    "calls by hour of the day": [("02", 1), ("09", 1), ("10", 7), ("23", 2)],
    "the last 7 days that had calls": [("2026-11-21", 2), *((f"2026-11-{day}", 1) for day in range(20, 14, -1))],
    "one day": [(2,)],
    "since a moment": [(2,)],
    "the slowest calls": [
        (10, "2026-11-21 02:00:00", 151, 4.0),
        (9, "2026-11-20 23:59:59", 150, 2.0),
        (2, "2026-11-13 10:30:00", 50, 1.0),
    ],
    "failures by day": [("2026-11-21", 1)],
    "share of each emotion": [
        ("neutral", 63.636),
        ("happy", 18.182),
        ("calm", 9.091),
        ("sad", 9.091),
    ],
    "characters a second": [(48.963,)],
    "the latest calls": [
        (11, "2026-11-21 23:59:59", 49, "sad", 0.25, 0),
        (10, "2026-11-21 02:00:00", 151, "happy", 4.0, 1),
    ],
}


def queries() -> Iterator[tuple[str, str]]:
    """Each query of the file with the comment line above it."""
    for part in TEXT.split("\n\n")[1:]:
        name, _, sql = part.partition("\n")
        yield name.removeprefix("-- "), sql.strip().rstrip(";")


def plain(value: Any) -> Any:
    """Values as one database gives them: PostgreSQL's dates as text, figures as floats of three decimals."""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return round(float(value), 3) if isinstance(value, (float, Decimal)) else value


@pytest.fixture
def filled(database_url: str, tmp_path: Path) -> str:
    failed = {"status": "error", "fault": "service", "error_code": "INTERNAL", "audio_seconds": None}
    log = tmp_path / "tts.log"
    log.write_bytes(
        b"".join(
            lines.line(
                seq,
                ts=ts,
                emotion=emotion,
                text_chars=chars,
                text_bytes=chars,
                total_seconds=s,
                **({} if ok else failed),
            )
            + b"\n"
            for seq, (ts, emotion, chars, s, ok) in enumerate(CALLS, 1)
        )
    )
    with loader(database_url) as load:
        load.load(log)
    return database_url


def test_everyday_queries_give_these_values(filled: str) -> None:
    """Each query of docs/everyday-queries.sql runs unchanged and a call at 02:00 in Shanghai belongs to that day."""
    engine = create_engine(filled)
    found = {}
    with engine.connect() as connection:
        for name, sql in queries():
            found[name] = [tuple(map(plain, row)) for row in connection.execute(text(sql))]
    engine.dispose()

    assert found == EXPECTED


def test_there_are_at_least_ten() -> None:
    """The page holds ten queries or more."""
    assert len(list(queries())) >= 10
