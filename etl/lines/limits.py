"""What a JSON value may not hold, since a database could refuse it. Pure."""

from __future__ import annotations

import re
from typing import Any

MAX_DEPTH = 100


def depth(line: bytes) -> int:
    """The deepest nesting of brackets outside of strings."""
    depth = deepest = 0
    for token in re.finditer(rb'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', line):
        first = token[0][:1]
        if first in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in b"]}":
            depth -= 1
    return deepest


def has_nul(value: Any) -> bool:
    """Whether a text anywhere in it holds NUL, which PostgreSQL refuses."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(has_nul(key) or has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(has_nul, value))


def has_big_int(value: Any) -> bool:
    """Whether a whole number anywhere in it needs more than 64 bits."""
    if isinstance(value, dict):
        return any(map(has_big_int, value.values()))
    if isinstance(value, list):
        return any(map(has_big_int, value))
    return isinstance(value, int) and not -(2**63) <= value < 2**63
