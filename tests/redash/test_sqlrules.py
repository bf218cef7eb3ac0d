"""Rules for a query on its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from redash.lint.validate import validate

Specs = Callable[..., Path]
Changed = Callable[[str, str, str], Path]
CALLS = "queries/calls.sql"


def found(folder: Path) -> list[tuple[int, str, str]]:
    """(line, rule, message) of each problem in queries/calls.sql."""
    return [(p.line, p.rule, p.message) for p in validate(folder)[1] if p.file.endswith("calls.sql")]


@pytest.mark.parametrize(
    ("old", "new", "line", "rule", "words"),
    [
        ("= '{{ instance }}')", "= {{ instance }})", 9, "placeholder", "inside single quotes"),
        ("= '{{ instance }}')", "= '{{ nothing }}')", 9, "placeholder", "not declared"),
        ("= '{{ instance }}')", "= '{{# instance }}')", 9, "placeholder", "plain"),
        ("query: instances", "query: nothing", 5, "reference", "no query of this name"),
        ("query: instances", "query: calls", 5, "reference", "needs parameters itself"),
        ("default: d_last_7_days", "default: d_last_decade", 4, "parameter", "d_last_decade"),
        ("FROM tts_request", "FROM tts_requests", 7, "sql-sqlite", "tts_requests"),
        ("SELECT status,", "SELECT status, status,", 1, "column", "two columns 'status'"),
        ("-- parameters:", "-- schedule: {interval_seconds: 3600}\n-- parameters:", 5, "schedule", "never run"),
        (
            "-- parameters:",
            "-- schedule: {interval_seconds: 3600, time: '10:00'}\n-- parameters:",
            3,
            "schedule",
            "whole days",
        ),
    ],
)
def test_each_rule_finds_what_it_is_for(changed: Changed, old: str, new: str, line: int, rule: str, words: str):
    """With the line of the file, and words that say what to do."""
    problems = found(changed(CALLS, old, new))

    assert [(at, name) for at, name, text in problems if name == rule and words in text][:1] == [(line, rule)]


def test_a_declared_parameter_must_be_used(changed: Changed):
    """Else Redash shows an input that does nothing."""
    unused = "-- parameters:\n--   rows: {type: number, title: R, default: 5}"
    problems = found(changed(CALLS, "-- parameters:", unused))

    assert problems == [(4, "parameter", "rows is declared and not used")]


def test_a_number_stands_without_quotes(changed: Changed):
    """In quotes PostgreSQL would compare it as a text."""
    rows = "-- parameters:\n--   rows: {type: number, title: R, default: 5}"
    folder = changed(CALLS, "-- parameters:", rows)
    path = folder / CALLS
    path.write_text(path.read_text() + "LIMIT '{{ rows }}'\n")
    quoted = found(folder)
    path.write_text(path.read_text().replace("'{{ rows }}'", "{{ rows }}"))

    assert quoted == [(12, "placeholder", "{{ rows }} must stand without quotes")]
    assert found(folder) == []


def test_twins_are_a_warning(specs: Specs):
    """Redash would run them once and mix up their schedules; blanks and comments make no difference."""
    folder = specs({"queries/twin.sql": "-- title: Twin\n-- description: D\n-- x: 1\n"})
    text = (
        (folder / "queries/instances.sql").read_text().replace("For the filter.", "Again.").replace("UNION", "\nUNION")
    )
    (folder / "queries/twin.sql").write_text(text)
    problems = validate(folder)[1]

    assert [(Path(p.file).name, p.rule, p.severity) for p in problems] == [("twin.sql", "duplicate-sql", "warning")]
