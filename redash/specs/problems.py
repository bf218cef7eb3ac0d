"""One thing that is wrong in a file, and the place in a YAML text where it is.

Problems are values, collected and shown all at once; nothing here raises for bad content.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from redash.specs.documents import Document, document_of

Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """`file:line:column`, counted from 1, the name of the rule, and what is wrong."""

    file: str
    line: int
    column: int
    rule: str
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity} [{self.rule}] {self.message}"


@dataclass(frozen=True, slots=True)
class Place:
    """A file, and how far its YAML text is from the file's top left corner (a SQL header is commented out)."""

    file: str
    lines_above: int = 0
    columns_before: int = 0

    def problem(self, rule: str, message: str, at: tuple[int, int] = (0, 0)) -> Problem:
        """A problem at (line, column) of the YAML text, counted from 0."""
        return Problem(self.file, at[0] + 1 + self.lines_above, at[1] + 1 + self.columns_before, rule, message)


def read_yaml(text: str, place: Place) -> tuple[Document | None, list[Problem]]:
    """The document with its positions, or None and why not."""
    try:
        return document_of(text), []
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line, mark.column) if mark else (0, 0)
        return None, [place.problem("yaml", _first_line(error.problem or error.context or "not YAML"), at)]
    except YAMLError as error:
        return None, [place.problem("yaml", _first_line(str(error)))]


def position(document: Document | None, path: Sequence[str | int]) -> tuple[int, int]:
    """Line and column, from 0, of the deepest part of `path` that the document has."""
    known: tuple[str | int, ...] = ()
    at, places = (0, 0), document.places if document else {}
    for part in path:
        # pydantic puts the name of a union's member into the path: it is no part of the document.
        if (*known, part) in places:
            known = (*known, part)
            at = places[known]
    return at


def of_validation(
    error: ValidationError, document: Document | None, place: Place, under: Sequence[str | int] = ()
) -> list[Problem]:
    """Every complaint of pydantic, each at its key."""
    found = []
    for item in error.errors(include_url=False):
        path = [*under, *item["loc"]]
        rule, message = _told(item)
        found.append(place.problem(rule, message or f"{_dotted(path)}: {item['msg']}", position(document, path)))
    return found


def _told(item: ErrorDetails) -> tuple[str, str]:
    """The rule that was broken, and what to say where pydantic's words would not do."""
    kind, last = item["type"], item["loc"][-1] if item["loc"] else ""
    if kind == "extra_forbidden":
        return "key", f"unknown key {json.dumps(last)}"
    if kind == "union_tag_invalid" and "parameters" in item["loc"] and item["ctx"]["tag"] in ("text", "text-pattern"):
        return (
            "text-parameter",
            "a parameter of type text lets whoever looks write SQL: use enum, query, number or a date",
        )
    if kind == "literal_error" and last == "kind" and item["input"] == "custom":
        return "custom-chart", "a chart in JavaScript is switched off in Redash from 26.9.0"
    return (kind.removeprefix("rule:"), "") if kind.startswith("rule:") else ("key", "")


def _dotted(path: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in path) or "document"


def _first_line(message: str) -> str:
    return message.strip().splitlines()[0]
