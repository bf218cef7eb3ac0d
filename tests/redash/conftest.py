"""Log lines, databases filled by the loader's own command, and specs folders out of a few lines of text."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BIN = Path(sys.executable).parent

_LINE: dict[str, Any] = {
    "v": 1,
    "event": "tts.request",
    "writer_id": "0123456789abcdef0123456789abcdef",
    "instance": "studio",
    "app_version": "0.1.0",
    "source": "api",
    "sample_weight": 1.0,
    "status": "ok",
    "fault": "none",
    "attempt": 1,
    "engine": "espeak",
    "language": "en",
    "text_chars": 40,
    "text_bytes": 40,
    "emotion": "neutral",
    "emotion_mode": "none",
    "emotion_intensity": 0.0,
    "speed": 1.0,
    "stream": False,
    "audio_seconds": 2.0,
    "synthesis_seconds": 0.5,
    "total_seconds": 1.0,
    "queue_depth": 0,
    "in_flight": 1,
    "cold_start": False,
    "cache_hit": False,
}
_FAILED = {"audio_seconds": None, "synthesis_seconds": None, "error_code": "SYNTH_FAILED"}

Line = dict[str, Any]


def request_line(ts: str, **changes: Any) -> Line:
    """A v1 line at a UTC moment like `2026-11-20T10:00:00`; what is not ok gets a fault and an error code."""
    line = {**_LINE, "ts": f"{ts}.000000Z", **changes}
    if line["status"] != "ok":
        line = {**line, **_FAILED, "fault": "service", **changes}
    return line


def load_lines(url: str, folder: Path, *lines: Line | str) -> None:
    """Loads lines, dicts as v1 lines and texts as they are, with `tts-etl import`."""
    numbered = [{**line, "seq": number} if isinstance(line, dict) else line for number, line in enumerate(lines, 1)]
    texts = [
        line if isinstance(line, str) else json.dumps({"request_id": f"r{line['seq']}", **line}) for line in numbered
    ]
    log = folder / "filled.log"
    log.write_text("".join(f"{line}\n" for line in texts), encoding="utf-8")
    command = [str(BIN / "tts-etl"), "import", "--database-url", url, "--log", str(log), "--timezone", "UTC"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def load() -> Callable[..., None]:
    """Loads lines by way of a folder for the log."""
    return load_lines


def filled_database(dialect: str, request: pytest.FixtureRequest, folder: Path, lines: list[Line | str]) -> str:
    """The URL of a migrated database with lines, for tests that may share it: nothing of ours writes to one."""
    if dialect == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "tts.db")
        url = f"sqlite:///{folder}/tts.db"
    else:
        server = request.getfixturevalue("postgres")
        url = server.url(server.create(request.getfixturevalue("postgres_template")))
    load_lines(url, folder, *lines)
    return url


@pytest.fixture(scope="session")
def filled_by() -> Callable[..., str]:
    """Makes a database with lines."""
    return filled_database


def _two_calls() -> list[Line | str]:
    failed = request_line("2026-11-20T02:00:01", status="error", instance="stage")
    return [request_line("2026-11-20T02:00:00"), failed]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def two_calls(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of each kind with two calls at 10:00 in Shanghai, one of which went wrong."""
    return filled_database(request.param, request, tmp_path_factory.mktemp(request.param), _two_calls())


@pytest.fixture(scope="session")
def two_calls_sqlite(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same on SQLite alone, for what no database has a part in."""
    return filled_database("sqlite", request, tmp_path_factory.mktemp("alone"), _two_calls())


@pytest.fixture
def fill(tmp_path: Path) -> Callable[..., None]:
    """Loads lines into a database."""
    return lambda url, *lines: load_lines(url, tmp_path, *lines)


@pytest.fixture(scope="session")
def line() -> Callable[..., Line]:
    """The factory of log lines."""
    return request_line


QUERY = """\
-- title: {en: Calls, zh-CN: 请求数}
-- description: {en: All calls of an instance., zh-CN: 一个实例的全部请求。}
-- parameters:
--   period: {type: datetime-range-with-seconds, title: {en: Period, zh-CN: 时间段}, default: d_last_7_days}
--   instance: {type: query, title: {en: Instance, zh-CN: 实例}, query: instances, default: "%"}
SELECT status, CAST(ROUND(SUM(COALESCE(sample_weight, 1.0))) AS BIGINT) AS calls
FROM tts_request
WHERE DATE(local_at) BETWEEN DATE('{{ period.start }}') AND DATE('{{ period.end }}')
  AND ('{{ instance }}' = '%' OR instance = '{{ instance }}')
GROUP BY status
"""
INSTANCES = """\
-- title: {en: Instances, zh-CN: 实例}
-- description: {en: For the filter., zh-CN: 供筛选。}
SELECT '%' AS value UNION ALL SELECT DISTINCT instance FROM tts_request
"""
CHARTS = """\
by-status:
  type: chart
  kind: column
  title: {en: Calls, zh-CN: 请求数}
  x: status
  y: [{column: calls}]
  x_axis: {type: category}
"""
DASHBOARD = """\
title: {en: Board, zh-CN: 看板}
parameters:
  period: {default: d_today}
  instance: {default: "%"}
widgets:
  - {chart: calls/by-status, at: {column: 0, row: 0, width: 6, height: 5}}
"""

_SPECS = {
    "queries/calls.sql": QUERY,
    "queries/instances.sql": INSTANCES,
    "charts/calls.yaml": CHARTS,
    "dashboards/board.yaml": DASHBOARD,
}


@pytest.fixture
def specs(tmp_path: Path) -> Callable[..., Path]:
    """Writes a small right pack, with the given files over it (None takes one away), and returns its folder."""

    def write(changed: dict[str, str | None] | None = None) -> Path:
        folder = tmp_path / "specs"
        for name, text in {**_SPECS, **(changed or {})}.items():
            if text is not None:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def changed(specs: Callable[..., Path]) -> Callable[[str, str, str], Path]:
    """The small right pack with one text in one file replaced by another."""

    def write(name: str, old: str, new: str) -> Path:
        assert old in _SPECS[name]
        return specs({name: _SPECS[name].replace(old, new)})

    return write
