"""A stand of databases of both kinds, shared by the tests here: each fixture has a database of its own on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from redash.testing.loading import Stand, stand

SPECS = {
    "queries/failing.sql": """\
-- title: {en: Failing, zh-CN: 失败}
-- description: {en: Failed requests of the last ten minutes., zh-CN: 最近十分钟失败的请求。}
-- schedule: {interval_seconds: 300}
SELECT instance, COUNT(*) AS failed_n
FROM tts_request
WHERE ts > NOW() - INTERVAL '10 minutes' AND ts <= NOW() AND status <> 'ok'
GROUP BY instance
ORDER BY failed_n DESC
""",
    "queries/failing.sqlite.sql": """\
SELECT instance, COUNT(*) AS failed_n
FROM tts_request
WHERE ts > STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now', '-10 minutes') AND ts <= STRFTIME('%Y-%m-%dT%H:%M:%fZ', 'now')
  AND status <> 'ok'
GROUP BY instance
ORDER BY failed_n DESC
""",
    "alerts/failing.yaml": """\
title: {en: Failing, zh-CN: 失败}
query: failing
column: failed_n
op: ">="
value: 5
""",
}


@pytest.fixture(scope="module")
def both(postgres: Any) -> Iterator[Stand]:
    """Databases on SQLite and PostgreSQL."""
    with stand(postgres.url("postgres")) as made:
        yield made


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """Writes a specs folder with one alert and what else is given, and returns it."""

    def write(**more: str) -> Path:
        folder = tmp_path / "specs"
        for name, text in {**SPECS, **{path.replace("__", "/"): text for path, text in more.items()}}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write
