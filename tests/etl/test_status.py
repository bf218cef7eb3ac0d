"""What status makes of the books."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from etl.loading.ingest import Reading
from etl.loading.runs import Runner, Surroundings, backfill, import_once
from etl.reading.files import discover
from etl.upkeep.status import lags, status
from tests.etl import lines
from tests.etl.loading import NOW, loader
from tests.etl.test_cli import run
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
    source = {"source_id": "default", "oldest_unimported_seconds": waiting, "last_success_at": success}
    shown: dict[str, Any] = {"sources": [{**source, "last_pass_at": "2026-11-22T11:59:30.000000Z"}]}

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


def test_a_backfill_is_no_pass(database_url: str, tmp_path: Path) -> None:
    """It looks at no live log: its source has no lag and no success, and is behind only where nothing else ever ran."""
    archive = tmp_path / "old.log"
    archive.write_bytes(lines.lines(1, 3))
    live_log = tmp_path / "tts.log"
    live_log.write_bytes(lines.lines(4, 5))
    around = Surroundings(clock=lambda: NOW, host_timezone="Asia/Shanghai")
    named = settings(database_url, tmp_path)
    with loader(database_url, source_id="old") as load:
        backfill(load.database, replace(named, source_id="old"), [str(archive)], Reading(), around)
        alone = status(load.database, LATER)
        import_once(load.database, named, [str(live_log)], around)
        beside = status(load.database, LATER)

    old = {name: alone["sources"][0][name] for name in ("lag_bytes", "last_pass_at", "last_success_at")}
    assert old == {"lag_bytes": None, "last_pass_at": None, "last_success_at": None}
    assert alone["sources"][0]["lines"]["ok"] == 3
    assert lags(alone, timedelta(minutes=5), LATER) == ["old"]
    assert lags(beside, timedelta(minutes=5), LATER) == []


def test_a_database_that_nothing_was_loaded_into_fails_the_monitor(database_url: str) -> None:
    """An import that never ran is the worst lag."""
    code, _, err = run("status", "--database-url", database_url, "--fail-if-lag", "5m")

    assert (code, err.splitlines()[0]) == (1, "error: nothing was ever loaded")
