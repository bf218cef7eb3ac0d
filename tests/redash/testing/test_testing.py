"""`tts-redash test` and the previews of fixtures, as they are called."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TTS_REDASH = str(Path(sys.executable).parent / "tts-redash")
Call = Callable[..., "subprocess.CompletedProcess[str]"]
GOOD = """\
title: six failed
lines: [{requests: 6, from: 9m, to: 0m, failing: {percent: 100}}]
expect: [{alert: failing, state: triggered}]
"""
BAD = GOOD.replace("triggered", "ok")


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """Runs the command in the test's folder."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "COLUMNS": "200", "TTS_LOG": "nowhere.log", "TTS_SOURCE_ID": "mine"}
        return subprocess.run(
            [TTS_REDASH, *arguments], capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
        )

    return run


def test_cases_end_with_one_if_an_expectation_is_not_met(call: Call, small: Callable[..., Path]):
    """A line for each case, one for each fault, a sum, and the alert that has no case which lets it be."""
    folder = small(**{"cases__bad.yaml": BAD, "cases__good.yaml": GOOD})
    done = call("test", "--specs", str(folder))

    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "FAILED bad: six failed (1 expectations; sqlite)",
        "       failing on sqlite: is triggered (6), expected ok",
        "ok     good: six failed (1 expectations; sqlite)",
        "2 cases, 1 failed",
    ]
    assert done.stderr == ""


def test_a_case_can_be_chosen_and_told_as_json(call: Call, small: Callable[..., Path], postgres):
    """On both databases; what no case of the pack expects is in it."""
    folder = small(**{"cases__bad.yaml": GOOD, "cases__good.yaml": GOOD})
    done = call("test", "good", "--specs", str(folder), "--postgresql", postgres.url("postgres"), "--json")

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "cases": [
            {
                "case": "good",
                "title": "six failed",
                "databases": ["sqlite", "postgresql"],
                "expectations": 1,
                "faults": [],
            }
        ],
        "alerts_without_a_case": {"failing": ["ok"]},
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("test", "none"), "error: there is no case 'none'\nhint: one of: good\n"),
        (("test", "--step", "1h"), "error: --until and --step go with --backtest\n"),
        (
            ("test", "--backtest", "long"),
            "error: --backtest 'long': a number with s, m, h or d is expected, like 30m\n",
        ),
        (("test", "--backtest", "1h", "none"), "error: there is no alert 'none'\nhint: one of: failing\n"),
        (("preview", "--serve", "--compare", "HEAD"), "error: --compare goes with --out\n"),
        (("preview", "--out", "x.html", "--compare", "HEAD"), "error: 'HEAD' is no revision of"),
    ],
)
def test_wrong_use_ends_with_two(call: Call, small: Callable[..., Path], two_calls_sqlite, arguments, message):
    """In one line and a hint."""
    folder = small(**{"cases__good.yaml": GOOD, "dashboards__d.yaml": BOARD})
    done = call(*arguments, "--specs", str(folder), "--database-url", two_calls_sqlite)

    assert done.returncode == 2
    assert done.stderr.startswith(message)


BOARD = """\
title: D
widgets: [{text: nothing, at: {column: 0, row: 0, width: 6, height: 2}}]
"""


def test_a_backtest_is_a_table_of_alerts_and_one_of_times(call: Call, small: Callable[..., Path], two_calls_sqlite):
    """The same figures as JSON."""
    folder = small(**{"alerts__failing.yaml": ANY_FAILURE})
    period = (
        "--backtest",
        "1h",
        "--until",
        "2026-11-20T02:30",
        "--database-url",
        two_calls_sqlite,
        "--specs",
        str(folder),
    )
    table, told = call("test", *period), call("test", *period, "--json")

    assert (table.returncode, told.returncode, told.stderr) == (0, 0, "")
    assert [line.split() for line in table.stdout.splitlines()] == [
        ["alert", "looks", "fired", "told", "firing", "longest", "night", "holiday", "unknown"],
        ["failing", "13", "1", "2", "10", "min", "10", "min", "0", "0", "11"],
        [],
        ["alert", "fired", "at", "for", "worst", "value"],
        ["failing", "2026-11-20T10:05:00", "10", "min", "1"],
    ]
    assert [(one["alert"], one["looks"], one["messages"]) for one in json.loads(told.stdout)["alerts"]] == [
        ("failing", 13, 2)
    ]


ANY_FAILURE = 'title: {en: F, zh-CN: F}\nquery: failing\ncolumn: failed_n\nop: ">="\nvalue: 1\n'


def test_a_preview_can_be_drawn_of_a_fixture(call: Call, specs: Callable[..., Path], tmp_path: Path):
    """Without a database: a case's lines are on the page."""
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    period = ("--param", "period=d_last_24_hours", "--specs", str(specs()))
    done = call("preview", "--fixture", "good.yaml", "--out", "page.html", *period)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")

    assert (done.returncode, done.stderr) == (0, "wrote page.html\n")
    assert '"x":["error"]' in text
    assert {path.name for path in tmp_path.iterdir()} == {"good.yaml", "page.html", "specs"}


def test_a_preview_can_be_compared_with_a_revision(call: Call, specs: Callable[..., Path], tmp_path: Path):
    """What was committed on the left, what stands there on the right."""
    folder = specs()
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    name = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for arguments in (("init", "-q"), ("add", "."), (*name, "commit", "-q", "-m", "Begin")):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)
    chart = folder / "charts" / "calls.yaml"
    chart.write_text(chart.read_text(encoding="utf-8").replace("kind: column", "kind: line"), encoding="utf-8")
    done = call("preview", "--fixture", "good.yaml", "--compare", "HEAD", "--out", "page.html", "--specs", str(folder))
    text = (tmp_path / "page.html").read_text(encoding="utf-8")

    assert (done.returncode, done.stderr) == (0, "wrote page.html\n")
    assert "Compared with HEAD" in text
    assert '<span class="removed">-  kind: column' in text
