"""The queries that ship, asked of a database of each kind that the lines of a test file fill once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from redash.config import PACKAGED
from redash.data.answers import answers
from redash.data.database import Reading, reading
from redash.specs.reading import read_pack

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PACK, _ = read_pack(PACKAGED)
ALWAYS = {"period.start": "2020-01-01", "period.end": "2030-12-31"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, lines: list[Any]
) -> Iterator[Reading]:
    """An open database with the lines of the test file."""
    filled_by = request.getfixturevalue("filled_by")
    with reading(filled_by(request.param, request, tmp_path_factory.mktemp(request.param), lines), 30) as opened:
        yield opened


@pytest.fixture
def ask(filled: Reading) -> Callable[..., list[dict[str, Any]]]:
    """Rows of a query as dicts, of an instance; keyword arguments are parameters."""

    def rows(slug: str, instance: str = "%", **given: str) -> list[dict[str, Any]]:
        everything = {"instance": instance, "engine": "%", "emotion": "%", **ALWAYS, **given}
        result = answers(filled, PACK, everything, NOW).of_query(PACK.queries[slug], {}, {})
        return [dict(zip(result.columns, row, strict=True)) for row in result.rows]

    return rows


@pytest.fixture(scope="session")
def small_event() -> Callable[..., str]:
    """A line that is no request, with keys of its own."""

    def text(event: str, ts: str, seq: int, **keys: Any) -> str:
        head = {"v": 1, "event": event, "ts": f"{ts}.000000Z", "writer_id": "f" * 32, "seq": seq}
        return json.dumps({**head, **keys})

    return text
