"""Positions in YAML and what a problem looks like."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from redash.specs.problems import Place, Problem, of_validation, position, read_yaml

TEXT = "a: 1\nb:\n  - {c: 2, d: x}\n"


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    c: str


class Outer(BaseModel):
    a: int
    b: list[Inner]


def test_a_problem_reads_like_a_compilers_message():
    """file:line:column comes first, so that a terminal can open it."""
    problem = Problem("queries/a.sql", 3, 7, "sql", "no such thing")

    assert str(problem) == "queries/a.sql:3:7: error [sql] no such thing"


def test_each_key_has_a_place():
    """Lines and columns from 0; a part that isn't there leads to what is above it."""
    document, problems = read_yaml(TEXT, Place("f"))

    assert problems == []
    assert position(document, ["b", 0, "d"]) == (2, 11)
    assert position(document, ["b", 0, "nothing"]) == (2, 4)
    assert position(document, []) == (0, 0)


def test_broken_yaml_is_a_problem_at_its_place():
    """A double key is as wrong as an open bracket."""
    _, open_bracket = read_yaml("a: [1\nb: 2\n", Place("f"))
    _, double = read_yaml("a: 1\na: 2\n", Place("f", 10, 3))

    assert [(p.line, p.rule) for p in open_bracket] == [(2, "yaml")]
    assert [(p.line, p.column, p.rule) for p in double] == [(12, 4, "yaml")]


def test_every_complaint_is_told_at_its_key():
    """Two errors of one document are two problems."""
    document, _ = read_yaml("a: x\nb:\n  - {c: hello, d: 1}\n", Place("f", 5))
    assert document is not None
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(document.value)
    found = of_validation(caught.value, document, Place("f", 5))

    assert [(p.line, p.column, p.message.split(":")[0]) for p in found] == [(6, 1, "a"), (8, 16, 'unknown key "d"')]
