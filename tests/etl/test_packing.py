"""Rows packed for a database are the same rows in it."""

from __future__ import annotations

import sqlite3

from etl.store.packing import copy_text, is_plain, pack, plain_copy_text


def test_copy_text_escapes() -> None:
    """Null, a text that reads like it, and what separates columns and rows can be told apart in the text of COPY."""
    row = (None, "None", "a\tb\nc\rd\\", 1, 0.5, True, False, b"\xff\x00")
    assert copy_text([row]) == "None\t\\None\ta\\tb\\nc\\rd\\\\\t1\t0.5\tt\tf\t\\\\xff00\n"


def test_plain_copy_text() -> None:
    """Plain rows need no escape: values stand as they are, a hash as hexadecimal digits."""
    rows = [(None, "\u4f60\u597d", 1, 0.5, True, b"\xff\x00", 7), (1, "", None, -1e300, False, b"\x01", 8)]
    assert plain_copy_text(rows) == (
        "None\t\u4f60\u597d\t1\t0.5\tTrue\t\\\\xff00\t7\n1\t\tNone\t-1e+300\tFalse\t\\\\x01\t8\n"
    )


def test_what_is_plain() -> None:
    """A backslash, a tab, a carriage return or the text of null anywhere in the lines makes them not plain."""
    assert is_plain(b'{"a":"b c"}\n{"a":null}\n')
    assert [is_plain(b"x" + sign + b"y") for sign in (b"\\", b"\t", b"\r", b"None")] == [False] * 4


def test_packed_for_sqlite() -> None:
    """A packed SQLite database holds the rows of each table, of the types that they had."""
    row = (None, "None", 2**63 - 1, 1.0, True, b"\x00")
    connection = sqlite3.connect(":memory:")
    connection.deserialize(pack("sqlite", {"a": [row], "b": [(1,), (2,)]}, plain=False)["stage"])
    assert connection.execute("SELECT * FROM a").fetchall() == [row]
    assert connection.execute("SELECT * FROM b").fetchall() == [(1,), (2,)]
    connection.close()
    assert pack("sqlite", {}, plain=True) == {}
