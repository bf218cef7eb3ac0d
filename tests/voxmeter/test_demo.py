"""The demo's own judgement."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from voxmeter.corpus import requests
from voxmeter.demo import Result, Spoken, Wanted, rows_of
from voxmeter.speaking import Answer

GOOD = Result(
    sent=200, unexpected=0, rows=200, doubled=0, success=0.95, p50_seconds=0.1, p95_seconds=0.3, rtf=0.002,
    lag_bytes=0, empty_charts=(),
)  # fmt: skip


def test_all_as_promised_is_no_failure():
    """Each request with one row and each chart with data."""
    assert GOOD.failures() == []


def test_each_broken_promise_is_named():
    """Missing rows, doubled rows, unexpected answers and empty charts are told apart."""
    bad = replace(GOOD, unexpected=1, rows=198, doubled=3, empty_charts=("a/b", "c/d"))

    assert bad.failures() == [
        "1 of 200 answers were not as expected",
        "2 of 200 requests have no row",
        "3 of 200 requests have more than one row",
        "no data in a/b, c/d",
    ]


def test_the_check_looks_at_this_run_only():
    """The pack's queries are narrowed to the demo's instance and to the moment when speaking began."""
    answer = Answer("demo-1", requests(1, 1)[0], 200, 10, 0.1)
    spoken = Spoken([answer], "2026-11-22T01:02:03")

    assert spoken.parameters == ["--param", "instance=demo", "--param", "period.start=2026-11-22T01:02:03"]


def test_all_files_of_the_demo_lie_in_its_folder():
    """Database and log are below --dir."""
    wanted = Wanted(Path("/x/demo"), 200, 1, None, None)

    assert (wanted.database_url, wanted.log) == ("sqlite:////x/demo/tts.db", Path("/x/demo/logs/tts.log"))


def test_rows_are_dicts_by_column():
    """The columns and rows of `tts-redash run --json` are put together."""
    assert rows_of({"columns": ["a", "b"], "rows": [[1, 2], [3, None]]}) == [{"a": 1, "b": 2}, {"a": 3, "b": None}]
