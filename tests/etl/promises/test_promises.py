"""The table of promises names each of them, and tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
ROOT = Path(__file__).parents[3]
ROW = re.compile(r"^\| (P\d+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)


def test_no_promise_is_without_a_test():
    """P1 to P32, in their order; every test is found in its file."""
    table = dict(ROW.findall((HERE / "README.md").read_text(encoding="utf-8")))
    missing = []
    for promise, cell in table.items():
        tests = re.findall(r"`([^`]+\.py)::(\w+)`", cell)
        for file, name in tests or [("", promise)]:
            path = ROOT / file if "/" in file else HERE / file
            if not path.is_file() or f"def {name}(" not in path.read_text(encoding="utf-8"):
                missing.append((promise, file, name))

    assert (list(table), missing) == ([f"P{number}" for number in range(1, 33)], [])
