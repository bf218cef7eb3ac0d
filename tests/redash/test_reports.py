"""Problems as text, JSON and SARIF."""

from __future__ import annotations

from pathlib import Path

from redash.lint.reports import as_json, as_sarif, as_text
from redash.lint.rules import RULES
from redash.specs.problems import Problem

PROBLEMS = [
    Problem("specs/queries/a.sql", 3, 7, "duplicate-sql", "the same as b", "warning"),
    Problem("/elsewhere/b.yaml", 1, 1, "grid", "overlaps"),
]


def test_text_ends_with_a_line_for_each_broken_rule():
    """What it says, its trap and where to read about it."""
    lines = as_text([*PROBLEMS, PROBLEMS[0]])

    assert lines[:3] == [str(PROBLEMS[0]), str(PROBLEMS[1]), str(PROBLEMS[0])]
    assert lines[3].startswith("[duplicate-sql] T14 two queries with the same SQL")
    assert lines[4].endswith(RULES["grid"].link)
    assert len(lines) == 5


def test_json_has_the_trap_and_the_link():
    """Beside what the problem says."""
    assert as_json(PROBLEMS)[0] == {
        "file": "specs/queries/a.sql",
        "line": 3,
        "column": 7,
        "rule": "duplicate-sql",
        "message": "the same as b",
        "severity": "warning",
        "trap": "T14",
        "link": RULES["duplicate-sql"].link,
    }


def test_sarif_has_what_the_standard_asks_for(tmp_path: Path):
    """SARIF 2.1.0: version, runs, a driver with its rules, and results that point at them and at a place."""
    problem = Problem(str(tmp_path / "queries" / "a.sql"), 3, 7, "grid", "overlaps")
    log = as_sarif([problem, *PROBLEMS], "1.2.3", tmp_path)
    run = log["runs"][0]
    driver = run["tool"]["driver"]

    assert (log["version"], "sarif-schema-2.1.0.json" in log["$schema"]) == ("2.1.0", True)
    assert (driver["name"], driver["version"]) == ("tts-redash", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == list(RULES)
    assert [driver["rules"][result["ruleIndex"]]["id"] for result in run["results"]] == [
        "grid",
        "duplicate-sql",
        "grid",
    ]
    assert {result["level"] for result in run["results"]} == {"error", "warning"}
    assert run["results"][0] == {
        "ruleId": "grid",
        "ruleIndex": list(RULES).index("grid"),
        "level": "error",
        "message": {"text": "overlaps"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "queries/a.sql"},
                    "region": {"startLine": 3, "startColumn": 7},
                }
            }
        ],
    }
