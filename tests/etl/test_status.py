"""What status makes of the books."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from etl.loading.ingest import Reading
from etl.loading.runs import Runner, Surroundings
from etl.reading.files import discover
from etl.upkeep.status import lags, status
from tests.etl import lines
from tests.etl.loading import NOW, loader
from tests.etl.test_follow import settings

LATER = NOW + timedelta(seconds=30)


@pytest.mark.parametrize(
    ("waiting", "success", "expected"),
    [
        (0.0, "2026-11-22T11:59:00.000000Z", []),
        (None, "2026-11-22T11:59:00.000000Z", []),
        (299.0, "2026-11-22T11:59:00.000000Z", []),
        (301.0, "2026-11-22T11:59:00.000000Z", ["default"]),
        (0.0, "2026-11-22T11:54:59.000000Z", ["default"]),
        (0.0, None, ["default"]),
    ],
)
def test_a_source_lags_by_what_waits_or_by_silence(
    waiting: float | None, success: str | None, expected: list[str]
) -> None:
    """Bytes that wait too long, and a loader that had no success for as long, are both behind."""
    shown: dict[str, Any] = {
        "sources": [{"source_id": "default", "oldest_unimported_seconds": waiting, "last_success_at": success}]
    }

    assert lags(shown, timedelta(minutes=5), NOW) == expected


def test_a_pass_tells_its_lag_its_troubles_and_its_watch(database_url: str, tmp_path: Path) -> None:
    """Archives that are not whole, a file that is no log and half a line: each is told, and the last success stays."""
    (tmp_path / "tts.log").write_bytes(lines.lines(1, 2) + b"half")
    with loader(database_url) as load:
        around = Surroundings(clock=lambda: NOW, host_timezone="Asia/Shanghai")
        runner = Runner(load.database, settings(database_url, tmp_path), around)
        paths = [str(tmp_path)]
        runner.close_pass(runner.read(discover(paths, rotated=True), Reading()), [tmp_path], "ok")
        first = status(load.database, LATER)["sources"][0]
        (tmp_path / "tts.log.1.gz").write_bytes(b"\x1f\x8b\x08")
        (tmp_path / "other.log").write_bytes(b"no\nlog\n")
        runner.close_pass(runner.read(discover(paths, rotated=True), Reading()), [tmp_path], None)
        second = status(load.database, LATER)["sources"][0]

    names = ("lag_bytes", "archives_not_ready", "watch", "last_success_at")
    at = "2026-11-22T12:00:00.000000Z"
    assert [first[name] for name in names] == [4, 0, "ok", at]
    assert [second[name] for name in names] == [4, 1, "off", at]
    assert (first["last_error"], "other.log" in second["last_error"]) == (None, True)
