"""Each rule finds a file that breaks it, and the small right pack breaks none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from redash.lint.rules import RULES
from redash.lint.validate import validate

Specs = Callable[..., Path]

HEAD = "-- title: T\n-- description: D\n"
CALLS = HEAD + "SELECT status, SUM(sample_weight) AS calls FROM tts_request GROUP BY status\n"
HOURLY = "-- title: T\n-- description: D\n-- schedule: {interval_seconds: 3600}\n"
ALERT = "{title: T, query: q, column: n, op: '>', value: 1}\n"
BOARD = "title: B\nwidgets:\n  - {%s, at: {column: 0, row: 0, width: 6, height: 5}}\n"
AT = "at: {column: 0, row: 0, width: 6, height: 5}"
LOCAL = "url: http://127.0.0.1:5000\napi_key: env:KEY\n"
SOURCE = "tts: {type: sqlite, title: T, dbpath: /data/tts.db}\n"

BROKEN: dict[str, dict[str, str | None]] = {
    "yaml": {"charts/instances.yaml": "a: {"},
    "key": {"charts/instances.yaml": "a: {type: counter, title: A, colum: value}\n"},
    "slug": {"charts/instances.yaml": "A b: {type: counter, title: A, column: value}\n"},
    "dialect": {"queries/calls.oracle.sql": "SELECT 1\n"},
    "translation": {"charts/instances.yaml": "a: {type: counter, title: Calls, column: value}\n"},
    "secret": {"destinations.yaml": "chat: {type: slack, title: C, url: https://hooks.example.com/abc}\n"},
    "reference": {"dashboards/board.yaml": BOARD % "chart: calls/gone"},
    "parameter": {"dashboards/board.yaml": BOARD % "chart: calls/by-status"},
    "grid": {
        "dashboards/board.yaml": (
            "title: B\nwidgets:\n  - {text: A, at: {column: 0, row: 0, width: 2, height: 1}}\n"
            "  - {text: B, at: {column: 1, row: 0, width: 2, height: 1}}\n"
        )
    },
    "sql-sqlite": {"queries/q.sqlite.sql": "SELECT a FROM nowhere\n", "queries/q.sql": HEAD + "SELECT 1 AS a\n"},
    "sql-postgresql": {"queries/q.sql": HEAD + "SELECT a FROM nowhere\n", "queries/q.sqlite.sql": "SELECT 1 AS a\n"},
    "unweighted": {"queries/q.sql": HEAD + "SELECT COUNT(*) AS requests FROM tts_request\n"},
    "averaged-percentile": {
        "queries/q.sql": HEAD + "SELECT AVG(p95_seconds) AS a FROM (SELECT 1 AS p95_seconds) AS b\n"
    },
    "schedule": {"queries/q.sql": HEAD + "-- schedule: {interval_seconds: 3600, time: '10:00'}\nSELECT 1 AS a\n"},
    "widget": {"dashboards/board.yaml": BOARD % "text: ''"},
    "column": {"charts/instances.yaml": "a: {type: counter, title: A, column: lost}\n"},
    "chart": {"charts/instances.yaml": "a: {type: chart, kind: heatmap, title: A, x: value, y: [{column: value}]}\n"},
    "text-parameter": {
        "queries/q.sql": HEAD + "-- parameters: {a: {type: text, title: A, default: b}}\nSELECT 1 AS a\n"
    },
    "placeholder": {"queries/q.sql": HEAD + "SELECT '{{ lost }}' AS a\n"},
    "custom-chart": {
        "charts/instances.yaml": "a: {type: chart, kind: custom, title: A, x: value, y: [{column: value}]}\n"
    },
    "alert-parameters": {
        "alerts/a.yaml": ALERT,
        "queries/q.sql": HOURLY + "-- parameters: {n: {type: number, title: N, default: 1}}\nSELECT {{ n }} AS n\n",
    },
    "alert-schedule": {"alerts/a.yaml": ALERT, "queries/q.sql": HEAD + "SELECT 1 AS n\n"},
    "alert-column": {"alerts/a.yaml": ALERT, "queries/q.sql": HOURLY + "SELECT 1 AS m\n"},
    "alert-empty": {"alerts/a.yaml": ALERT, "queries/q.sql": HOURLY + "-- may_be_empty: true\nSELECT 1 AS n\n"},
    "duplicate-sql": {"queries/q.sql": CALLS, "queries/r.sql": CALLS},
    "timestamp": {
        "queries/q.sqlite.sql": "SELECT DATETIME('now') AS at\n",
        "queries/q.sql": HEAD + "SELECT NOW() AS at\n",
    },
    "axis-type": {"charts/instances.yaml": "a: {type: chart, kind: line, title: A, x: value, y: [{column: value}]}\n"},
    "name-length": {"queries/q.sql": f"-- title: {'T' * 256}\n-- description: D\nSELECT 1 AS a\n"},
}


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_has_a_file_that_breaks_it(specs: Specs, rule: str):
    """And breaks nothing else."""
    problems = validate(specs(BROKEN[rule]))[1]

    assert {problem.rule for problem in problems} == {rule}


def test_a_file_that_is_no_text_is_told(specs: Specs):
    """Each kind of file."""
    folder = specs()
    for name in ("queries/calls.sql", "charts/calls.yaml", "dashboards/board.yaml", "sources.yaml"):
        (folder / name).write_bytes(b"\xff\xfe")
    problems = validate(folder)[1]

    assert [Path(problem.file).name for problem in problems if problem.rule == "file"] == [
        "calls.yaml",
        "board.yaml",
        "calls.sql",
        "sources.yaml",
    ]


def test_no_rule_is_without_one():
    """A rule that nothing can break is none."""
    assert {*BROKEN, "file"} == set(RULES)


def test_each_rule_says_where_to_read_about_it():
    """A link, and the trap's number where it is one of Redash's."""
    assert [rule.name for rule in RULES.values() if not rule.link.startswith("https://")] == []
    assert {"T2", "T3", "T10", "T11", "T12", "T13", "T14", "T17", "T21"} == {
        rule.trap for rule in RULES.values() if rule.trap
    }


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"environments/a.yaml": LOCAL}, "the data source 'tts'"),
        ({"environments/a.yaml": LOCAL + "sources: {tts: {ours: gone}}\n", "sources.yaml": SOURCE}, "has no 'gone'"),
        ({"environments/a.yaml": LOCAL + "destinations: [gone]\n", "sources.yaml": SOURCE}, "has no 'gone'"),
        ({"environments/a.yaml": LOCAL + "groups: [gone]\n", "sources.yaml": SOURCE}, "has no 'gone'"),
        ({"groups.yaml": "g: {title: G, sees: [gone]}\n"}, "no data source 'gone'"),
        ({"alerts/a.yaml": ALERT}, "no query 'q'"),
        (
            {
                "alerts/a.yaml": ALERT.replace("value: 1", "value: 1, destinations: [gone]"),
                "queries/q.sql": HOURLY + "SELECT 1 AS n\n",
            },
            "no destination 'gone'",
        ),
    ],
)
def test_references_between_all_files_are_followed(specs: Specs, files: dict[str, str], words: str):
    """Each by its slug."""
    problems = validate(specs(files))[1]

    assert [problem.rule for problem in problems if words in problem.message] == ["reference"]
    assert len(problems) == 1


def test_a_prefix_counts_as_part_of_a_name(specs: Specs):
    """PostgreSQL would refuse the whole."""
    board = f"title: {'B' * 90}\nwidgets:\n  - {{text: A, {AT}}}\n"
    folder = specs(
        {
            "dashboards/board.yaml": board,
            "environments/a.yaml": LOCAL + "prefix: 'staging of TTS · '\n",
            "sources.yaml": SOURCE,
        }
    )
    problems = validate(folder)[1]

    assert [(p.rule, Path(p.file).name, p.line) for p in problems] == [("name-length", "a.yaml", 3)]


def test_a_secret_that_stands_in_a_file_is_not_told_again(specs: Specs):
    """The problem names the place, not the text."""
    folder = specs({"destinations.yaml": "chat: {type: slack, title: C, url: canary-7351}\n"})

    assert "canary" not in "".join(map(str, validate(folder)[1]))


def test_the_page_about_the_files_names_each_rule():
    """The links of the rules lead there."""
    page = (Path(__file__).parents[2] / "docs" / "dashboards.md").read_text(encoding="utf-8")
    rows = [f"| `{rule.name}` | {rule.trap} | {rule.says} |" for rule in RULES.values()]

    assert "\n## Rules\n" in page
    assert [row for row in rows if row not in page] == []
