"""Problems as text, JSON and SARIF 2.1.0, which code hosts show beside the lines of a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from redash.lint.rules import RULES
from redash.specs.problems import Problem

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_text(problems: Sequence[Problem]) -> list[str]:
    """A line a problem, then a line for each rule among them: what it says, and where to read about it."""
    broken = dict.fromkeys(problem.rule for problem in problems)
    return [
        *map(str, problems),
        *(f"[{name}] {_trap(name)}{RULES[name].says}: {RULES[name].link}" for name in broken),
    ]


def as_json(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Each problem with its rule's trap and link."""
    return [
        {**asdict(problem), "trap": RULES[problem.rule].trap, "link": RULES[problem.rule].link} for problem in problems
    ]


def as_sarif(problems: Sequence[Problem], version: str, root: Path) -> dict[str, Any]:
    """One run of SARIF; files are named relative to `root`, those outside of it as they are."""
    names = list(RULES)
    driver = {
        "name": "tts-redash",
        "version": version,
        "informationUri": "https://github.com/voxmeter/voxmeter",
        "rules": [
            {
                "id": name,
                "shortDescription": {"text": f"{_trap(name)}{RULES[name].says}"},
                "helpUri": RULES[name].link,
            }
            for name in names
        ],
    }
    results = [
        {
            "ruleId": problem.rule,
            "ruleIndex": names.index(problem.rule),
            "level": problem.severity,
            "message": {"text": problem.message},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": _relative(problem.file, root)},
                        "region": {"startLine": problem.line, "startColumn": problem.column},
                    }
                }
            ],
        }
        for problem in problems
    ]
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _trap(name: str) -> str:
    return f"{RULES[name].trap} " if RULES[name].trap else ""


def _relative(file: str, root: Path) -> str:
    path = Path(file).resolve()
    return path.relative_to(root.resolve()).as_posix() if path.is_relative_to(root.resolve()) else path.as_posix()
