"""A plan as JSON: what `plan --format json` prints, and with what it was made of what `apply PLAN` holds against today's server."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from redash.errors import StalePlan, WrongUse
from redash.sync.paths import flat
from redash.sync.plan import Plan, Step
from redash.sync.survey import Survey
from redash.sync.wanted import Fields

_FORMAT = 1
_SHOWN_MOVES = 10

Prints = dict[str, dict[str, str]]


def as_json(plan: Plan) -> Fields:
    """The plan for machines; no secret is in any step."""
    return {
        "steps": [_step(step) for step in plan.steps],
        "orphans": [_step(step) for step in plan.orphans],
        "unchanged": plan.unchanged,
        "left": plan.left,
        "warnings": list(plan.warnings),
        "added": [{"key": one.key, "title": one.title, "within": one.within} for one in plan.added],
        "exit_code": plan.exit_code,
    }


def _step(step: Step) -> Fields:
    said: Fields = {"action": step.action, "key": step.key, "title": step.title, "destructive": step.destructive}
    said["changes"] = [
        {"path": one.path, "file": one.file, "live": one.live, "base": one.base, "origin": one.origin}
        for one in step.changes
    ]
    return {**said, "costs": list(step.costs), "instead": step.instead}


def write_plan(path: Path, seen: Survey) -> None:
    """Keeps a plan with the fingerprints of what it was made of; raises WrongUse if the file can't be written."""
    said = {
        "format": _FORMAT,
        "server": seen.target.environment.url,
        "environment": seen.target.name,
        "plan": as_json(seen.plan),
        **_prints(seen),
    }
    try:
        path.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"can't write {path}: {error.strerror}", "does the folder exist?") from error


def refuse_stale(path: Path, seen: Survey) -> None:
    """Raises StalePlan, which names what moved, if a kept plan is not the one that would be made now; WrongUse if it is none."""
    said = _read(path)
    if (said["server"], said["environment"]) != (seen.target.environment.url, seen.target.name):
        raise WrongUse(f"{path} is a plan for {said['environment']} at {said['server']}", "give that --environment")
    now = _prints(seen)
    moved = [f"in Redash: {line}" for line in _moves(said["seen"], now["seen"])]
    moved += [f"in the files: {line}" for line in _moves(said["wanted"], now["wanted"])]
    if not moved and said["plan"]["steps"] != json.loads(json.dumps(as_json(seen.plan)["steps"])):
        moved = ["a secret, a right or a name that is taken"]
    if moved:
        more = f", and {len(moved) - _SHOWN_MOVES} more" if len(moved) > _SHOWN_MOVES else ""
        raise StalePlan(f"moved since {path} was made: {'; '.join(moved[:_SHOWN_MOVES])}{more}", "make a new plan")


def _read(path: Path) -> Fields:
    try:
        said: Fields = json.loads(path.read_text(encoding="utf-8"))
        if said["format"] != _FORMAT:
            raise WrongUse(f"{path} is a plan of another version", "make a new plan")
    except OSError as error:
        raise WrongUse(f"can't read {path}: {error.strerror}", "`tts-redash plan --out FILE` writes one") from error
    except (ValueError, KeyError, TypeError) as error:
        raise WrongUse(f"{path} is no plan", "`tts-redash plan --out FILE` writes one") from error
    return said


def _prints(seen: Survey) -> dict[str, Prints]:
    return {
        "seen": {key: _paths(one.fields) for key, one in seen.live.found.items()},
        "wanted": {key: _paths(one.fields) for key, one in seen.wanted.items()},
    }


def _paths(fields: Fields) -> dict[str, str]:
    return {".".join(path): sha256(_text(leaf).encode()).hexdigest()[:12] for path, leaf in flat(fields).items()}


def _text(leaf: Any) -> str:
    return json.dumps(leaf, sort_keys=True)


def _moves(before: Prints, now: Prints) -> list[str]:
    lines = []
    for key in sorted({*before, *now}):
        if key not in now:
            lines.append(f"{key} is gone")
        elif key not in before:
            lines.append(f"{key} is new")
        elif before[key] != now[key]:
            paths = sorted(path for path in {*before[key], *now[key]} if before[key].get(path) != now[key].get(path))
            lines.append(f"{key} ({', '.join(paths)})")
    return lines
