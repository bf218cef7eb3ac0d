"""What doctor says of one thing: is it well, and if not, how to mend it."""

from __future__ import annotations

from typing import Literal, NamedTuple

State = Literal["ok", "warn", "fail"]


class Finding(NamedTuple):
    """One check's result; `mend` is empty where nothing needs mending."""

    check: str
    state: State
    text: str
    mend: str = ""


def ok(check: str, text: str) -> Finding:
    return Finding(check, "ok", text)


def warn(check: str, text: str, mend: str) -> Finding:
    return Finding(check, "warn", text, mend)


def fail(check: str, text: str, mend: str) -> Finding:
    return Finding(check, "fail", text, mend)
