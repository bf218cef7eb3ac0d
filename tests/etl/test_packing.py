"""Rows packed for a database are the same rows in it."""

from __future__ import annotations

import io
import sqlite3
from typing import Any

import psycopg2
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from etl.store.packing import COPY_FORMAT, CopyText, copy_csv, is_plain
from etl.store.staged import Staged

_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
_ROWS = st.lists(
    st.tuples(
        st.none() | _TEXTS | st.sampled_from(["null", "", '"', "\\", '\\"', "\\n", "\\."]),
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.booleans(),
        st.binary(min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=20,
)


def test_copy_csv() -> None:
    """A value is as JSON has it; bytes are PostgreSQL's hexadecimal text."""
    row = (None, "null", '{"a":"b"}', 1, 0.5, -1e300, True, b"\xff\x00")
    assert copy_csv([row, row]) == b'null,"null","{\\"a\\":\\"b\\"}",1,0.5,-1e300,true,"\\\\xff00"\n' * 2


def test_what_json_escapes_and_csv_does_not() -> None:
    """A control character stands in the CSV as it is, between quotes."""
    assert copy_csv([("a\tb\nc\\", None, 1)]) == b'"a\tb\nc\\\\",null,1\n'


def test_what_is_plain() -> None:
    """Lines are plain if all are objects and none has a backslash."""
    assert is_plain(b'{"a":"b c"}\n{"a":null}\n')
    others = [b'{"a":"\\t"}\n', b'{"a":1}\n\n', b'{"a":1}\nbanner\n', b'[1]\n{"a":1}\n', b""]
    assert [is_plain(lines) for lines in others] == [False] * 5


def test_copy_text_of_tables() -> None:
    """What is added to a table again follows what it had."""
    text = CopyText()
    text.add("a", [(1,)], plain=True)
    text.add("b", [("x\n",)], plain=False)
    text.add("a", [(2,), (3,)], plain=True)
    assert text.data() == {"a": b"1\n2\n3\n", "b": b'"x\n"\n'}


def test_copy_csv_into_postgresql(postgres: Any) -> None:
    """Whatever rows hold, COPY makes the same of them."""
    url = make_url(postgres.url(postgres.create()))
    connection = psycopg2.connect(dbname=url.database, user=url.username, host=url.query["host"])
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE t (row_id serial, a text, b bigint, c double precision, d boolean, e bytea)"
        )
        _check_copies(cursor)
    connection.close()


def _check_copies(cursor: Any) -> None:
    @given(_ROWS)
    def check(rows: list[tuple[Any, ...]]) -> None:
        cursor.execute("DELETE FROM t")
        cursor.copy_expert(f"COPY t (a, b, c, d, e) FROM STDIN WITH {COPY_FORMAT}", io.BytesIO(copy_csv(rows)))
        cursor.execute("SELECT a, b, c, d, e FROM t ORDER BY row_id")
        assert [(*row[:4], bytes(row[4])) for row in cursor.fetchall()] == rows

    check()


def test_staged_for_sqlite() -> None:
    """The image holds the rows of each table in the order in which they came, of the types that they had."""
    row = (None, "None", 2**63 - 1, 1.0, True, b"\x00")
    staged = Staged()
    staged.add("a", [row])
    staged.add("b", [(1,), (2,)])
    staged.add("a", [row, row])
    connection = sqlite3.connect(":memory:")
    connection.deserialize(staged.data()["stage"])
    assert connection.execute("SELECT * FROM a").fetchall() == [row] * 3
    assert connection.execute("SELECT * FROM b ORDER BY rowid").fetchall() == [(1,), (2,)]
    connection.close()


def test_nothing_staged() -> None:
    """Without rows there is no image."""
    assert Staged().data() == {}
