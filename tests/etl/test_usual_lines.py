"""The short road for usual lines ends where the ordinary one does."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from etl.lines.fields import REQUEST
from etl.lines.line_v1 import LineV1
from etl.lines.moments import LocalTime
from etl.lines.outcomes import Record
from etl.lines.usual_lines import UsualLines
from tests.etl.lines import FULL, line, request

_LOCAL = LocalTime(ZoneInfo("Asia/Shanghai"))
_USUAL, _ORDINARY = UsualLines(_LOCAL), LineV1(_LOCAL)

_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, -1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 0.0, 1.0, -0.5, 1e300]),
    st.sampled_from(["", "ok", "None", "a\tb\\", "É\u2028", "tts.mark", "2026-11-20T10:00:60.000000Z", "x" * 32]),
    st.sampled_from([[], ["a"], [1], [0, 1.5, 0, 0, 0, 0, 0, 0], {}, {"a": 1}, {"a": 2**70}, {"a": "b"}, [{}]]),
)
_KEYS = st.sampled_from([*(field.name for field in REQUEST), "v", "event", "new_key"])


def _ordinary(text: bytes) -> object:
    return _ORDINARY.decode(text, msgspec.json.decode(text), 7)


def test_takes_the_usual_line() -> None:
    """Lines with all keys, and with the needed ones only, take the short road, and become the very same record."""
    for text in (line(**FULL), line()):
        record = _USUAL.decode(text, 7)
        assert isinstance(record, Record)
        assert record == _ordinary(text)


@given(st.dictionaries(_KEYS, _VALUES, max_size=4), st.booleans())
def test_never_differs(over: dict[str, Any], full: bool) -> None:
    """Whatever a line holds, the short road makes the ordinary road's record of it or leaves it to that."""
    text = json.dumps({**request(**(FULL if full else {})), **over}, ensure_ascii=False).encode()
    record = _USUAL.decode(text, 7)
    if record is not None:
        ordinary = _ordinary(text)
        assert record == ordinary
        assert list(map(type, record.values)) == list(map(type, ordinary.values))
