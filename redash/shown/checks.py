"""Drift and checks in words, and checks as JUnit's XML."""

from __future__ import annotations

from collections import defaultdict
from xml.sax.saxutils import escape, quoteattr

from redash.home.drift import Drifted, of_drift
from redash.shown.plans import change_lines
from redash.sync.verify import Check


def drift_text(drifted: list[Drifted]) -> str:
    """One line an object, its fields below."""
    lines = []
    for one in drifted:
        lines.append(f"{one.where}: {one.key}  {one.title}" + (f"  ({one.last})" if one.last and one.in_redash else ""))
        lines += [f"    {line}" for change in one.changes for line in change_lines(change)]
    return "\n".join([*lines, ", ".join(of_drift(drifted)) or "No drift."])


def drift_markdown(drifted: list[Drifted]) -> str:
    """For an issue that a nightly run opens."""
    lines = [f"### Drift: {', '.join(of_drift(drifted)) or 'none'}"]
    for one in drifted:
        lines += [
            "",
            f"**`{one.key}`** {one.title}: {one.where}" + (f" ({one.last})" if one.last and one.in_redash else ""),
        ]
        detail = [line for change in one.changes for line in change_lines(change)]
        lines += ["```diff", *detail, "```"] if detail else []
    return "\n".join(lines)


def checks_text(checks: list[Check]) -> str:
    """What is not well, what was seen of the rest that one should know, and how much is well."""
    bad = [f"{one.key}: {one.what}: {one.trouble}" for one in checks if one.trouble]
    seen = [f"{one.key}: {one.what}: {one.said}" for one in checks if one.said and not one.trouble]
    return "\n".join([*seen, *bad, f"{len(checks) - len(bad)} of {len(checks)} checks are well"])


def junit(checks: list[Check]) -> str:
    """A test case a check, a suite a kind of check."""
    suites: dict[str, list[Check]] = defaultdict(list)
    for check in checks:
        suites[check.what].append(check)
    parts = [_suite(what, several) for what, several in suites.items()]
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="tts-redash verify">\n{"".join(parts)}</testsuites>\n'


def _suite(what: str, checks: list[Check]) -> str:
    failed = sum(bool(check.trouble) for check in checks)
    cases = "".join(_case(check) for check in checks)
    return f'<testsuite name={quoteattr(what)} tests="{len(checks)}" failures="{failed}">\n{cases}</testsuite>\n'


def _case(check: Check) -> str:
    head = f'<testcase classname={quoteattr(check.what)} name={quoteattr(check.key)} time="{check.seconds:.3f}"'
    if not check.trouble:
        return f"{head}><system-out>{escape(check.said)}</system-out></testcase>\n" if check.said else f"{head}/>\n"
    return f"{head}><failure message={quoteattr(check.trouble)}>{escape(check.trouble)}</failure></testcase>\n"
