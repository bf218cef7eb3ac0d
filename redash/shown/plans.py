"""A plan in words: one line a step, the fields that differ below it, SQL as a diff; as text, Markdown or a page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from difflib import unified_diff
from html import escape
from typing import Any

from redash.pruning.prune import Pruning
from redash.sync.paths import Change
from redash.sync.plan import Plan, Step
from redash.sync.survey import Survey

SIGNS = {"create": "+", "update": "~", "replace": "±", "restore": "↑", "remove": "-", "archive": "!", "note": "·"}
_ORIGIN = {"redash": "edited in Redash", "both": "edited in Redash and in the files", "file": ""}
_LONGEST = 120
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1d2733;background:#fff}
table{border-collapse:collapse;width:100%}td,th{border-top:1px solid #d5dbe2;padding:.35rem .5rem;text-align:left;vertical-align:top}
code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:#f4f6f8;padding:.6rem;overflow:auto;margin:.3rem 0}
.bad{color:#b3261e;font-weight:600}.plus{color:#1f7a4d}.minus{color:#b3261e}
@media (prefers-color-scheme:dark){body{color:#dfe5ec;background:#14191f}pre{background:#1d242c}td,th{border-color:#323c47}}
"""


def as_text(seen: Survey) -> str:
    """For a terminal."""
    lines = [_where(seen)]
    for step in seen.plan.steps:
        lines.append(f"{SIGNS[step.action]} {step.action:<7} {step.key}  {_quoted(step.title)}")
        lines += [f"    {line}" for line in step_lines(step)]
    lines += [f"{label}: {text}" for label, text in notes(seen.plan)]
    return "\n".join([*lines, summary(seen.plan)])


def as_markdown(seen: Survey) -> str:
    """For a comment on a pull request."""
    plan = seen.plan
    lines = [f"### Plan for {_where(seen)}", "", f"**{summary(plan)}**", ""]
    if plan.steps:
        lines += ["| | step | object | |", "|---|---|---|---|"]
        for step in plan.steps:
            mark = "⚠ " if step.destructive else ""
            lines.append(f"| {SIGNS[step.action]} | {mark}{step.action} | `{step.key}` | {_cell(step.title)} |")
        lines.append("")
    for step in plan.steps:
        detail = list(step_lines(step))
        if detail:
            lines += [
                f"<details><summary><code>{escape(step.key)}</code></summary>",
                "",
                "```diff",
                *detail,
                "```",
                "",
                "</details>",
                "",
            ]
    lines += [f"* {label}: {text}" for label, text in notes(plan)]
    return "\n".join(lines).rstrip()


def as_html(seen: Survey) -> str:
    """One page that needs nothing else."""
    plan, rows = seen.plan, []
    for step in plan.steps:
        detail = "".join(f"{_colored(line)}\n" for line in step_lines(step))
        kind = ' class="bad"' if step.destructive else ""
        below = f"<pre>{detail}</pre>" if detail else ""
        rows.append(
            f"<tr><td>{SIGNS[step.action]}</td><td{kind}>{step.action}</td>"
            f"<td><code>{escape(step.key)}</code><br>{escape(step.title)}{below}</td></tr>"
        )
    said = "".join(f"<li>{escape(label)}: {escape(text)}</li>" for label, text in notes(plan))
    table = f"<table><tr><th></th><th>step</th><th>object</th></tr>{''.join(rows)}</table>" if rows else ""
    title = escape(f"Plan for {_where(seen)}")
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1><p><strong>{escape(summary(plan))}</strong></p>{table}<ul>{said}</ul></body></html>\n"
    )


def _colored(line: str) -> str:
    kind = "plus" if line.startswith("+") else "minus" if line.startswith("-") else ""
    return f'<span class="{kind}">{escape(line)}</span>' if kind else escape(line)


def summary(plan: Plan) -> str:
    """How many steps of each kind, in one sentence."""
    if not plan.steps:
        return f"Nothing to do: {plan.unchanged} objects are as the files say."
    counts: Counter[str] = Counter(step.action for step in plan.steps)
    words = ", ".join(f"{counts[action]} to {action}" for action in SIGNS if counts[action])
    hurting = sum(step.destructive for step in plan.steps)
    losing = f"; {hurting} would lose something" if hurting else ""
    return f"{words}{losing}; {plan.unchanged} objects are as the files say."


def notes(plan: Plan) -> Iterator[tuple[str, str]]:
    """What one should know besides the steps."""
    for warning in plan.warnings:
        yield "warning", warning
    for key, reason in plan.left.items():
        yield "left", f"{key}: {reason}"
    for one in plan.added:
        yield "added in Redash", f"{one.key}, {one.title!r}, which stays; `tts-redash pull {one.within}` takes it home"
    for orphan in plan.orphans:
        losing = f"; that {', '.join(orphan.costs)}" if orphan.costs else ""
        yield "no file any more", f"{orphan.key}, which `tts-redash prune` would archive{losing}"


def step_lines(step: Step) -> Iterator[str]:
    """The fields that differ, one below the other, and what would be lost."""
    for change in step.changes:
        yield from change_lines(change)
    for cost in step.costs:
        yield f"! {cost}"


def pruning_text(going: Pruning) -> str:
    """What a prune would archive, and what that takes along."""
    lines = []
    for step in going.steps:
        lines.append(f"{SIGNS[step.action]} {step.action:<7} {step.key}  {_quoted(step.title)}")
        lines += [f"    {line}" for line in step_lines(step)]
    lines += [f"stays: {key}: {reason}" for key, reason in going.stays.items()]
    return "\n".join([*lines, f"{len(going.steps)} to archive." if going.steps else "Nothing to archive."])


def change_lines(change: Change) -> Iterator[str]:
    """One field: what the server has, what the files say; a text of several lines as a diff."""
    origin = f"  ({_ORIGIN[change.origin]})" if _ORIGIN[change.origin] else ""
    both = (change.live, change.file)
    if all(isinstance(one, str) for one in both) and any("\n" in one for one in both):
        yield f"{change.path}:{origin}"
        yield from unified_diff(
            change.live.splitlines(), change.file.splitlines(), "in Redash", "in the files", lineterm="", n=2
        )
        return
    yield f"{change.path}: {_value(change.live)} → {_value(change.file)}{origin}"


def _value(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _quoted(text: str) -> str:
    first = text.strip().splitlines()[0] if text.strip() else ""
    return first if len(first) <= _LONGEST else f"{first[: _LONGEST - 1]}…"


def _cell(text: str) -> str:
    return _quoted(text).replace("|", "\\|")


def _where(seen: Survey) -> str:
    return f"{seen.target.environment.url} (Redash {seen.target.version}, environment {seen.target.name})"
